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

/** Words as one number: of IPv6 the last 32 bits, as far as numbers go. */
const numberOf = (words: readonly number[]): number => words.slice(-2).reduce((number, word) => number * 65_536 + word, 0);

/** An address in as many bytes as its version has, so that of two texts the greater is the greater address. */
const bytesIn = (address: Address): Bytes => (isIpv6(address) ? writeAddress6(address) : wordsOf(address).map((word) => bytesOf(word, 2)).join(''));

/** Whether an address is from one to another, all of one version of IP. */
export const isAmong = (address: Address, { from, to }: { readonly from: Address; readonly to: Address }): boolean => {
  if (isIpv6(address) !== isIpv6(from)) return false;
  const bytes = bytesIn(address);
  return bytes >= bytesIn(from) && bytes <= bytesIn(to);
};

/** All addresses from one to another, which of IPv6 differ in the last 32 bits only. */
export const addressesFrom = ({ from, to }: { readonly from: Address; readonly to: Address }): readonly Address[] => {
  const words = wordsOf(from);
  const first = numberOf(words);
  const upper = words.slice(0, -2).map((word) => bytesOf(word, 2)).join('');
  return Array.from({ length: numberOf(wordsOf(to)) - first + 1 }, (_, index) =>
    isIpv6(from) ? addressOf(upper + bytesOf(first + index, 4)) : [24, 16, 8, 0].map((shift) => Math.floor((first + index) / 2 ** shift) % 256).join('.'),
  );
};
