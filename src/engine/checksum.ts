/**
 * The internet checksum: the one's complement of the one's complement sum of 16-bit words. Source: RFC 1071.
 */
import { assert } from './assert.ts';
import { byte, short } from './memory.ts';

/**
 * The folded sum of bytes and of what was summed before, 0..65535; an odd last byte counts as the upper half of a word.
 * Over bytes that carry their right checksum it is 65535.
 */
export const sumOf = (bytes: Uint8Array, start: number, length: number, before = 0): number => {
  assert(length >= 0 && length <= 65_535, 'the sum of a datagram fits 32 bits unfolded');
  const end = start + length;
  let sum = before;
  let place = start;
  for (; place + 1 < end; place += 2) sum += short(bytes, place);
  if (place < end) sum += byte(bytes, place) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
};

/** Whether the bytes that an IP header at the start of `bytes` gives to its protocol carry their right checksum. */
export const payloadChecksumRight = (bytes: Uint8Array, protocol: number, start: number, length: number): boolean =>
  partChecksumRight(bytes, protocol, start, length, length);

/** Whether the first `covered` of these bytes carry a checksum that is right for them. */
export const partChecksumRight = (bytes: Uint8Array, protocol: number, start: number, length: number, covered: number): boolean => {
  // The pseudo header: both addresses, the protocol, the length (RFC 768, RFC 8200 section 8.1).
  const isIpv6 = byte(bytes, 0) >>> 4 === 6;
  const pseudo = sumOf(bytes, isIpv6 ? 8 : 12, isIpv6 ? 32 : 8, protocol + length);
  return sumOf(bytes, start, covered, pseudo) === 0xffff;
};
