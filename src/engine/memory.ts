/**
 * Checked reads of typed arrays, one function for each element type so that each stays monomorphic.
 *
 * A place out of bounds is a bug of the engine, so it stops instead of reading as zero.
 */

/** The 32-bit word at `place`. */
export const word = (words: Int32Array, place: number): number => words[place] ?? outOfBounds(place, words.length);

/** The number at `place`; times in milliseconds need more than 32 bits. */
export const float = (floats: Float64Array, place: number): number => floats[place] ?? outOfBounds(place, floats.length);

/** The byte at `place`. */
export const byte = (bytes: Uint8Array, place: number): number => bytes[place] ?? outOfBounds(place, bytes.length);

/** The 16-bit number in network order at `place`. */
export const short = (bytes: Uint8Array, place: number): number => (byte(bytes, place) << 8) | byte(bytes, place + 1);

/** The 32 bits in network order at `place`, signed: V8 keeps signed words out of the heap. */
export const long = (bytes: Uint8Array, place: number): number =>
  (short(bytes, place) << 16) | short(bytes, place + 2);

/** Writes a 16-bit number in network order. */
export const setShort = (bytes: Uint8Array, place: number, value: number): void => {
  bytes[place] = value >>> 8;
  bytes[place + 1] = value;
};

/** Writes 32 bits in network order. */
export const setLong = (bytes: Uint8Array, place: number, value: number): void => {
  setShort(bytes, place, value >>> 16);
  setShort(bytes, place + 2, value);
};

/** Up to this a loop is faster than the view that `set` needs, and allocates nothing. */
const LOOP_BYTES_MAX = 128;

/** Copies `length` bytes between two arrays that do not overlap. A whole array, as most packets are, needs no view. */
export const copyBytes = (from: Uint8Array, start: number, to: Uint8Array, at: number, length: number): void => {
  if (start === 0 && length === from.length) to.set(from, at);
  else if (length > LOOP_BYTES_MAX) to.set(from.subarray(start, start + length), at);
  else for (let place = 0; place < length; place++) to[at + place] = byte(from, start + place);
};

const outOfBounds = (place: number, length: number): never => {
  throw new Error(`engine: broken assumption: place ${place} of ${length}`);
};
