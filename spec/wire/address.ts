/**
 * Addresses between text and numbers, as far as a checksum needs them.
 *
 * Source: RFC 791; RFC 4291 section 2.2 and RFC 5952 (IPv6).
 */
import type { Address } from '../trace/packet.ts';

export const isIpv6 = (address: Address): boolean => address.includes(':');

/** The 16-bit words of an address, two or eight. */
export const wordsOf = (address: Address): readonly number[] => (isIpv6(address) ? wordsOfIpv6(address) : wordsOfIpv4(address));

const wordsOfIpv4 = (address: Address): readonly number[] => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map((part) => Number.parseInt(part, 10));
  return [a * 256 + b, c * 256 + d];
};

/** Two colons stand for as many zeros as make eight words. */
const wordsOfIpv6 = (address: Address): readonly number[] => {
  const [before = [], after] = address.split('::').map((part) => part.split(':').map((word) => Number.parseInt(word, 16) || 0));
  return after === undefined ? before : [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
};
