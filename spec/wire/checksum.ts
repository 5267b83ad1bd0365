/**
 * The Internet checksum, over hexadecimal text.
 *
 * Source: RFC 1071; RFC 768, RFC 9293 and RFC 8200 section 8.1 (pseudo headers); nf_ip_checksum().
 */
import { type Address, type Bytes, lengthOf, type SignedChecksum, slice } from '../trace/packet.ts';
import { isIpv6 } from './address.ts';

/** A one's complement sum of 16-bit words is their sum modulo this; the checksum that completes it makes it 0. */
export const MODULUS = 0xffff;

/**
 * The sum of a pseudo header: both addresses, the protocol, and the number of bytes that IP gives to it, whatever a
 * length field of its own says, because that is what netfilter verifies.
 */
export const pseudoHeader = (source: Address, destination: Address, protocol: number, length: number): number =>
  sumOfAddress(source) + sumOfAddress(destination) + protocol + length;

/**
 * Three words at a time: 2^16 is 1 modulo the modulus, so a number of 48 bits leaves the same rest as its words do.
 * An odd last byte is the high half of a word.
 */
export const sumOf = (bytes: Bytes): number => {
  const words = lengthOf(bytes) % 2 === 0 ? bytes : `${bytes}00`;
  let sum = 0;
  for (let at = 0; at < words.length; at += 12) sum += Number.parseInt(words.slice(at, at + 12), 16) % MODULUS;
  return sum;
};

/** What a checksum field of a message is, whose rest is right with `right`. */
export const named = (checksum: number, right: number): SignedChecksum => {
  if (checksum === right) return 'right';
  return right === 0 && checksum === MODULUS ? 'negative zero' : { wrong: checksum };
};

/** The value of a checksum field. */
export const valueOf = (checksum: SignedChecksum, right: number): number => {
  if (checksum === 'right') return right;
  return checksum === 'negative zero' ? MODULUS : checksum.wrong;
};

/**
 * The checksum that makes a message right whose checksum field stands at byte `at`. Of nothing but zeros 0 is right, as
 * netfilter sees it: it sums up the IP header as well, whose own right checksum makes the sum a negative zero.
 */
export const rightChecksum = (bytes: Bytes, at: number, pseudo: number): number => {
  const sum = pseudo + sumOf(slice(bytes, 0, at)) + sumOf(slice(bytes, at + 2));
  return (MODULUS - (sum % MODULUS)) % MODULUS;
};

/** Where zeros are left out makes no difference to a sum. */
const sumOfAddress = (address: Address): number =>
  isIpv6(address)
    ? address.split(':').reduce((sum, word) => sum + (Number.parseInt(word, 16) || 0), 0)
    : address.split('.').reduce((sum, octet, index) => sum + Number.parseInt(octet, 10) * (index % 2 === 0 ? 256 : 1), 0);
