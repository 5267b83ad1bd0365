/**
 * The Internet checksum of UDP, over hexadecimal text.
 *
 * Source: RFC 1071; RFC 768 (pseudo header); nf_ip_checksum().
 */
import { type Address, type Bytes, lengthOf, UDP } from './trace/packet.ts';

/**
 * Whether a UDP datagram's checksum is right over all its bytes. Their number stands in the pseudo header whatever
 * UDP's own length field says, because that is what netfilter verifies.
 */
export const udpChecksumIsRight = (source: Address, destination: Address, datagram: Bytes): boolean =>
  udpSum(source, destination, datagram) === 0;

/** The checksum that makes a UDP datagram right whose checksum field is 0. Never 0, which would say "none". */
export const udpChecksum = (source: Address, destination: Address, datagram: Bytes): number =>
  MODULUS - udpSum(source, destination, datagram);

/** A one's complement sum of 16-bit words is their sum modulo this. */
const MODULUS = 0xffff;

/** The sum with the pseudo header, 0 where the checksum field makes it right. */
const udpSum = (source: Address, destination: Address, datagram: Bytes): number =>
  (sumOfAddress(source) + sumOfAddress(destination) + UDP + lengthOf(datagram) + sumOf(datagram)) % MODULUS;

/**
 * Three words at a time: 2^16 is 1 modulo the modulus, so a number of 48 bits leaves the same rest as its words do.
 * An odd last byte is the high half of a word.
 */
const sumOf = (bytes: Bytes): number => {
  const words = lengthOf(bytes) % 2 === 0 ? bytes : `${bytes}00`;
  let sum = 0;
  for (let at = 0; at < words.length; at += 12) sum += Number.parseInt(words.slice(at, at + 12), 16) % MODULUS;
  return sum;
};

const sumOfAddress = (address: Address): number => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map((part) => Number.parseInt(part, 10));
  return a * 256 + b + c * 256 + d;
};
