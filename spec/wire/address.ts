/**
 * IPv6 addresses between text and bytes, and addresses of both versions as the numbers that a checksum adds up.
 *
 * Source: RFC 791; RFC 4291 section 2.2 and RFC 5952 (IPv6).
 */
import { type Address, type Bytes, bytesOf, numberAt } from '../trace/packet.ts';

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

/** Sixteen bytes. */
export const writeAddress6 = (address: Address): Bytes => wordsOfIpv6(address).map((word) => bytesOf(word, 2)).join('');

/** The address that sixteen bytes are: the longest run of zeros, the first of equals, as two colons (RFC 5952). */
export const addressOf = (bytes: Bytes): Address => {
  const words = Array.from({ length: 8 }, (_, word) => numberAt(bytes, word * 2, 2).toString(16)).join(':');
  for (let zeros = 8; zeros > 1; zeros -= 1) {
    const run = new RegExp(`(?:^|:)0(?::0){${zeros - 1}}(?:$|:)`);
    if (run.test(words)) return words.replace(run, '::');
  }
  return words;
};

/** An IPv4 address as a number. */
const numberOf = (address: Address): number => wordsOf(address).reduce((number, word) => number * 65_536 + word, 0);

/** Whether an IPv4 address is from one to another. */
export const isAmong = (address: Address, { from, to }: { readonly from: Address; readonly to: Address }): boolean => {
  const number = numberOf(address);
  return number >= numberOf(from) && number <= numberOf(to);
};

/** All IPv4 addresses from one to another. */
export const addressesFrom = ({ from, to }: { readonly from: Address; readonly to: Address }): readonly Address[] => {
  const first = numberOf(from);
  return Array.from({ length: numberOf(to) - first + 1 }, (_, index) =>
    [24, 16, 8, 0].map((shift) => Math.floor((first + index) / 2 ** shift) % 256).join('.'),
  );
};
