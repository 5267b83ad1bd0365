/**
 * IPv6 addresses as text and in a packet's bytes.
 *
 * Source: RFC 5952: lower case, no leading zeros, the longest run of zeros (the first of equals, never a single one)
 * as two colons; no dotted decimal.
 */
import type { Address } from '../../spec/trace/packet.ts';
import { read16, write16 } from './octets.ts';

const WORDS = 8;

/** Those met before are not read again. Dropped whole when full. */
const known = new Map<Address, readonly number[]>();
const KNOWN_MAX = 4096;

/** The address in the 16 bytes from `at` on. */
export const readAddress6 = (bytes: Uint8Array, at: number): Address => textOf(Array.from({ length: WORDS }, (_, word) => read16(bytes, at + word * 2)));

/** Writes 16 bytes. Throws a RangeError for any other text than `readAddress6` gives. */
export const writeAddress6 = (bytes: Uint8Array, at: number, address: Address): void => {
  for (const [index, word] of wordsOf(address).entries()) write16(bytes, at + index * 2, word, 'IPv6 address');
};

/** The words of an address as a checksum adds them up. */
const wordsOf = (address: Address): readonly number[] => {
  const met = known.get(address);
  if (met) return met;
  const [head = '', tail] = address.split('::');
  const [before, after] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':').map((word) => (/^[0-9a-f]{1,4}$/.test(word) ? Number.parseInt(word, 16) : Number.NaN))));
  const gap = tail === undefined ? 0 : Math.max(0, WORDS - (before?.length ?? 0) - (after?.length ?? 0));
  const words = [...(before ?? []), ...Array.from({ length: gap }, () => 0), ...(after ?? [])];
  if (words.length !== WORDS || words.some(Number.isNaN) || textOf(words) !== address) {
    throw new RangeError(`Packet: ${JSON.stringify(address)} is no IPv6 address as RFC 5952 writes it; write it as in "fd00::1".`);
  }
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(address, words);
  return words;
};

const textOf = (words: readonly number[]): Address => {
  const [start, end] = longestZeros(words);
  return end - start < 2 ? hex(words) : `${hex(words.slice(0, start))}::${hex(words.slice(end))}`;
};

const hex = (words: readonly number[]): string => words.map((word) => word.toString(16)).join(':');

/** Where the longest run of zeros begins and ends, the first of equals. */
const longestZeros = (words: readonly number[]): readonly [start: number, end: number] => {
  let longest: readonly [number, number] = [0, 0];
  let start = 0;
  for (const [index, word] of [...words, 1].entries()) {
    if (word === 0) continue;
    if (index - start > longest[1] - longest[0]) longest = [start, index];
    start = index + 1;
  }
  return longest;
};
