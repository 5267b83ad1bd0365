/**
 * Addresses as text, for commands, and the bytes that stand for them: four of IPv4, sixteen of IPv6.
 *
 * Source: RFC 5952: lower case, no leading zeros, the longest run of zeros (the first of equals, never a single one) as
 * two colons.
 */
import { setShort, short } from './memory.ts';

export const isText6 = (text: string): boolean => text.includes(':');

/** Writes the bytes of an address to the beginning of `bytes`. */
export const writeAddress = (text: string, bytes: Uint8Array): void => {
  if (!isText6(text)) {
    for (const [place, octet] of text.split('.').entries()) bytes[place] = Number(octet);
    return;
  }
  const [front, back] = text.split('::').map((part) => part.split(':').filter((word) => word !== ''));
  bytes.fill(0, 0, 16);
  for (const [place, word] of (front ?? []).entries()) setShort(bytes, place * 2, Number.parseInt(word, 16));
  for (const [place, word] of (back ?? []).toReversed().entries()) setShort(bytes, 14 - place * 2, Number.parseInt(word, 16));
};

/** The text of four bytes. */
export const text4 = (bytes: Uint8Array): string => bytes.subarray(0, 4).join('.');

/** The text of sixteen bytes. */
export const text6 = (bytes: Uint8Array): string => {
  const words: number[] = [];
  for (let place = 0; place < 16; place += 2) words.push(short(bytes, place));
  let [start, length] = [0, 1];
  for (let from = 0; from < 8; from++) {
    let to = from;
    while (to < 8 && words[to] === 0) to++;
    if (to - from > length) [start, length] = [from, to - from];
  }
  return length === 1 ? hex(words) : `${hex(words.slice(0, start))}::${hex(words.slice(start + length))}`;
};

const hex = (words: readonly number[]): string => words.map((word) => word.toString(16)).join(':');
