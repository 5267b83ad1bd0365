/**
 * The internet checksum: the complement of the ones' complement sum of 16-bit words.
 *
 * Sums are kept unfolded, so that parts around a checksum field add up with `+`; that is exact up to 65535 bytes in all,
 * which is what one IPv4 packet can hold.
 *
 * Source: RFC 1071.
 */

import type { SignedChecksum } from '../../spec/trace/packet.ts';

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

const NEGATIVE_ZERO = 0xffff;

/**
 * The checksum that makes the bytes from `start` to `end` right, of which the field stands `field` bytes behind the start;
 * `pseudo` is the sum of a pseudo header's words, 0 if there is none. For nothing but zeros it is 0, which netfilter
 * accepts because it sums up the IP header as well; by RFC 1071 alone it would be ffff.
 */
export const rightChecksum = (bytes: Uint8Array, start: number, end: number, field: number, pseudo: number): number =>
  checksumOf(pseudo + sumOfWords(bytes, start, start + field) + sumOfWords(bytes, start + field + 2, end)) % NEGATIVE_ZERO;

/** What a checksum field is. */
export const namedChecksum = (checksum: number, right: number): SignedChecksum => {
  if (checksum === right) return 'right';
  return checksum === NEGATIVE_ZERO && right === 0 ? 'negative zero' : { wrong: checksum };
};

/** The value of a checksum field. */
export const writtenChecksum = (checksum: SignedChecksum, right: number): number => {
  if (checksum === 'right') return right;
  return checksum === 'negative zero' ? NEGATIVE_ZERO : checksum.wrong;
};
