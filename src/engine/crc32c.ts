/**
 * CRC32c, sixteen values a table: four bits at a time. Source: RFC 9260 appendix A.
 */
import { byte, word } from './memory.ts';

const NIBBLES = new Int32Array(16);
for (let nibble = 0; nibble < 16; nibble++) {
  let value = nibble;
  for (let bit = 0; bit < 4; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f6_3b78 : value >>> 1;
  NIBBLES[nibble] = value;
}

const shifted = (crc: number, value: number): number => {
  const low = (crc >>> 4) ^ word(NIBBLES, (crc ^ value) & 15);
  return (low >>> 4) ^ word(NIBBLES, (low ^ (value >>> 4)) & 15);
};

/** Whether the four bytes at `place` are the checksum of all bytes from `start` to `end`. */
export const crcRight = (bytes: Uint8Array, start: number, end: number, place: number): boolean => crcOf(bytes, start, end, place) === carriedAt(bytes, place);

/** Writes that checksum. */
export const setCrc = (bytes: Uint8Array, start: number, end: number, place: number): void => {
  const crc = crcOf(bytes, start, end, place);
  for (let octet = 0; octet < 4; octet++) bytes[place + octet] = crc >>> (octet * 8);
};

/** The checksum of bytes of which the four at `place` count as zeros. */
const crcOf = (bytes: Uint8Array, start: number, end: number, place: number): number => {
  let crc = -1;
  for (let at = start; at < place; at++) crc = shifted(crc, byte(bytes, at));
  for (let zeros = 0; zeros < 4; zeros++) crc = shifted(crc, 0);
  for (let at = place + 4; at < end; at++) crc = shifted(crc, byte(bytes, at));
  return ~crc;
};

/** Lowest byte first. */
const carriedAt = (bytes: Uint8Array, place: number): number =>
  byte(bytes, place) | (byte(bytes, place + 1) << 8) | (byte(bytes, place + 2) << 16) | (byte(bytes, place + 3) << 24);
