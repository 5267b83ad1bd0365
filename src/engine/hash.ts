/**
 * The hash of a 16-byte key, given as four 32-bit words. Source: MurmurHash3 (x86, 32 bits), Austin Appleby, public domain.
 *
 * The zone is one of the hashed bits. Otherwise N zones with one tuple would share one place and each lookup would walk
 * N keys, which is what Linux 4.3 to 5.14 did.
 */
export const hashKey = (seed: number, w0: number, w1: number, w2: number, w3: number): number => {
  let hash = mix(mix(mix(mix(seed | 0, w0), w1), w2), w3) ^ 16;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
};

const mix = (hash: number, word: number): number => {
  const scattered = Math.imul(rotate(Math.imul(word, 0xcc9e_2d51), 15), 0x1b87_3593);
  return (Math.imul(rotate(hash ^ scattered, 13), 5) + 0xe654_6b64) | 0;
};

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
