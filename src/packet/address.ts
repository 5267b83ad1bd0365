/** IPv4 addresses as text and as 32-bit words. */
import type { Address } from '../../spec/trace/packet.ts';

/** Traffic has few addresses, and each packet two: those met before are not read again. Dropped whole when full. */
const known = new Map<Address, number>();
const KNOWN_MAX = 4096;

/** `'10.0.0.1'` is 0x0a000001; 0..2^32-1. Throws a RangeError for any other text than `wordToAddress` writes. */
export const addressToWord = (address: Address): number => {
  const met = known.get(address);
  if (met !== undefined) return met;
  const word = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  if (wordToAddress(word) !== address) {
    throw new RangeError(`Packet: ${JSON.stringify(address)} is no IPv4 address; write four numbers 0..255 as in "10.0.0.1".`);
  }
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(address, word);
  return word;
};

/** The address of a 32-bit word. */
export const wordToAddress = (word: number): Address =>
  `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;
