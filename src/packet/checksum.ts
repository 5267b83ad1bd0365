/**
 * The internet checksum: the complement of the ones' complement sum of 16-bit words.
 *
 * Sums are kept unfolded, so that parts around a checksum field add up with `+`; that is exact up to 65535 bytes in all,
 * which is what one IPv4 packet can hold.
 *
 * Source: RFC 1071.
 */

/** The unfolded sum of the big endian words from `start` up to `end`; an odd last byte counts as a word's high half. */
export const sumOfWords = (bytes: Uint8Array, start: number, end: number): number => {
  let sum = 0;
  const even = end - ((end - start) & 1);
  for (let at = start; at < even; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return even < end ? sum + ((bytes[even] ?? 0) << 8) : sum;
};

/** The checksum, 0..65535, of words with this unfolded sum (below 2^32). */
export const checksumOf = (sum: number): number => {
  const once = (sum & 0xffff) + (sum >>> 16);
  return ~((once & 0xffff) + (once >>> 16)) & 0xffff;
};
