/** CRC32c (Castagnoli), as SCTP has it. Source: RFC 9260 appendix A. */
import { read8 } from './octets.ts';

/** What eight shifts make of each byte, lowest bit first. */
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (-(value & 1) & 0x82f63b78);
  return value;
});

/**
 * The checksum of the bytes from `start` to `end`, taking the four from `field` on (counted from the start) for zeros:
 * as they stand in a packet, 0..2^32-1.
 */
export const crc32c = (bytes: Uint8Array, start: number, end: number, field: number): number => {
  let value = -1;
  for (let at = start; at < end; at++) {
    const byte = at - start >= field && at - start < field + 4 ? 0 : read8(bytes, at);
    value = (TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  }
  const swapped = ((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
  return ~swapped >>> 0;
};
