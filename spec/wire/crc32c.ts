/**
 * CRC32c, the checksum of SCTP, over hexadecimal text.
 *
 * Source: RFC 9260 appendix A: polynomial 0x1edc6f41, bits reflected, the value sent with its lowest byte first.
 */
import type { Bytes } from '../trace/packet.ts';

const REFLECTED = 0x82f63b78;

const TABLE: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ REFLECTED : value >>> 1;
  return value >>> 0;
});

/** The four bytes that a packet carries whose checksum field is zero, as a number, first byte highest. */
export const crc32c = (bytes: Bytes): number => {
  let value = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 2) {
    value = (TABLE[(value ^ Number.parseInt(bytes.slice(at, at + 2), 16)) & 0xff] ?? 0) ^ (value >>> 8);
  }
  const [a, b, c, d] = [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24].map((byte) => ~byte & 0xff);
  return (((a ?? 0) << 24) | ((b ?? 0) << 16) | ((c ?? 0) << 8) | (d ?? 0)) >>> 0;
};
