/**
 * Scopes: what the first bits of an IPv6 address say about how far it reaches.
 *
 * Source: RFC 4291 section 2.4; ipv6_addr_type().
 */
import type { Address } from './trace/packet.ts';
import { wordsOf } from './wire/address.ts';

/** Of `::1` none is written, so it is 0. */
const firstWord = (address: Address): number => Number.parseInt(address, 16) || 0;

/** Most addresses begin with something. */
const isOnly = (address: Address, last: number): boolean =>
  firstWord(address) === 0 && wordsOf(address).every((word, index) => word === (index === 7 ? last : 0));

/** `::` */
export const isUnspecified = (address: Address): boolean => isOnly(address, 0);

/** `::1` */
export const isLoopback = (address: Address): boolean => isOnly(address, 1);

/** ff00::/8 */
export const isMulticast = (address: Address): boolean => firstWord(address) >= 0xff00;

/** fe80::/10 */
export const isLinkLocal = (address: Address): boolean => firstWord(address) >= 0xfe80 && firstWord(address) < 0xfec0;

/** How far a group reaches: 0 is reserved, 1 an interface, 2 a link, 14 everywhere. */
export const scopeOf = (group: Address): number => firstWord(group) % 16;
