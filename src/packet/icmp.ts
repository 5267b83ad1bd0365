/**
 * ICMP in bytes: a header of eight, and a payload.
 *
 * Source: RFC 792.
 */
import type { Opaque } from '../../spec/trace/packet.ts';
import type { Icmp } from '../../spec/trace/transport.ts';
import { namedChecksum, rightChecksum, writtenChecksum } from './checksum.ts';
import { read16, read8, readHex, sizeOf, write16, write8, writeHex } from './octets.ts';

const HEADER = 8;

const TYPE = 0;
const CODE = 1;
const CHECKSUM = 2;
const IDENTIFIER = 4;
const SEQUENCE = 6;

/** `start` to `end` is what IP gives to ICMP; `pseudo` is the sum of the pseudo header's words, if it has one. */
export const decodeIcmp = (bytes: Uint8Array, start: number, end: number, pseudo: number): Icmp | Opaque['why'] => {
  if (end - start < HEADER) return 'short';
  return {
    kind: 'icmp',
    type: read8(bytes, start + TYPE),
    code: read8(bytes, start + CODE),
    checksum: namedChecksum(read16(bytes, start + CHECKSUM), rightChecksum(bytes, start, end, CHECKSUM, pseudo)),
    identifier: read16(bytes, start + IDENTIFIER),
    sequence: read16(bytes, start + SEQUENCE),
    payload: readHex(bytes, start + HEADER, end),
  };
};

/** The number of bytes that `encodeIcmp` writes. */
export const icmpLength = (icmp: Icmp): number => HEADER + sizeOf(icmp.payload, 'ICMP payload');

/** Writes `icmp` at `start`. */
export const encodeIcmp = (bytes: Uint8Array, start: number, icmp: Icmp, pseudo: number): void => {
  write8(bytes, start + TYPE, icmp.type, 'ICMP type');
  write8(bytes, start + CODE, icmp.code, 'ICMP code');
  write16(bytes, start + IDENTIFIER, icmp.identifier, 'ICMP identifier');
  write16(bytes, start + SEQUENCE, icmp.sequence, 'ICMP sequence number');
  writeHex(bytes, start + HEADER, icmp.payload, 'ICMP payload');
  const right = rightChecksum(bytes, start, start + icmpLength(icmp), CHECKSUM, pseudo);
  write16(bytes, start + CHECKSUM, writtenChecksum(icmp.checksum, right), 'ICMP checksum');
};
