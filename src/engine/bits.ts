/**
 * Sets of small numbers, one bit each, of which several lie behind each other in one array of words.
 *
 * `base` is the first word of a set; ranges are `from` up to, not including, `to`.
 */
import { word } from './memory.ts';

export const setBit = (words: Int32Array, base: number, bit: number): void => {
  const place = base + (bit >> 5);
  words[place] = word(words, place) | (1 << (bit & 31));
};

export const setBits = (words: Int32Array, base: number, from: number, to: number): void => {
  for (let part = from >> 5; part << 5 < to; part++) words[base + part] = word(words, base + part) | mask(part, from, to);
};

/** Whether any of the range is in the set. */
export const someBits = (words: Int32Array, base: number, from: number, to: number): boolean => {
  for (let part = from >> 5; part << 5 < to; part++) {
    if ((word(words, base + part) & mask(part, from, to)) !== 0) return true;
  }
  return false;
};

/** Whether all of the range is in the set. */
export const everyBit = (words: Int32Array, base: number, from: number, to: number): boolean => {
  for (let part = from >> 5; part << 5 < to; part++) {
    const wanted = mask(part, from, to);
    if ((word(words, base + part) & wanted) !== wanted) return false;
  }
  return true;
};

/** The first number of the range that is in the set, or `to`. */
export const nextBit = (words: Int32Array, base: number, from: number, to: number): number => {
  for (let part = from >> 5; part << 5 < to; part++) {
    const found = word(words, base + part) & mask(part, from, to);
    if (found !== 0) return (part << 5) + (31 - Math.clz32(found & -found));
  }
  return to;
};

/** The bits of a range that lie in one word. */
const mask = (part: number, from: number, to: number): number => {
  const low = part << 5;
  const head = from > low ? -1 << (from - low) : -1;
  const tail = to - low < 32 ? (1 << (to - low)) - 1 : -1;
  return head & tail;
};
