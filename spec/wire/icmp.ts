/**
 * ICMP between fields and bytes. Source: RFC 792, RFC 4443.
 */
import { type Bytes, bytesOf, lengthOf, numberAt, type Opaque, slice } from '../trace/packet.ts';
import type { Icmp } from '../trace/transport.ts';
import { named, rightChecksum, valueOf } from './checksum.ts';

const HEADER = 8;
const CHECKSUM = 2;

/** A message's bytes as ICMP, as far as they are. `pseudo` is the sum of the pseudo header, which ICMPv6 has: 0 for ICMP. */
export const readIcmp = (bytes: Bytes, pseudo: number): Icmp | Opaque => {
  if (lengthOf(bytes) < HEADER) return { kind: 'opaque', bytes, why: 'short' };
  return {
    kind: 'icmp',
    type: numberAt(bytes, 0, 1),
    code: numberAt(bytes, 1, 1),
    checksum: named(numberAt(bytes, CHECKSUM, 2), rightChecksum(bytes, CHECKSUM, pseudo)),
    identifier: numberAt(bytes, 4, 2),
    sequence: numberAt(bytes, 6, 2),
    payload: slice(bytes, HEADER),
  };
};

/** A message as bytes. `readIcmp` gives it back. */
export const writeIcmp = (icmp: Icmp, pseudo: number): Bytes => {
  const write = (checksum: number): Bytes =>
    bytesOf(icmp.type, 1) + bytesOf(icmp.code, 1) + bytesOf(checksum, 2) + bytesOf(icmp.identifier, 2) + bytesOf(icmp.sequence, 2) + icmp.payload;
  return write(valueOf(icmp.checksum, rightChecksum(write(0), CHECKSUM, pseudo)));
};
