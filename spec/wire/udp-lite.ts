/**
 * UDP-Lite between fields and bytes. Source: RFC 3828.
 */
import { type Bytes, bytesOf, type Ip, lengthOf, numberAt, type Opaque, slice } from '../trace/packet.ts';
import { UDP, UDP_LITE, type UdpLite } from '../trace/transport.ts';
import { MODULUS, sumOf } from './checksum.ts';

const HEADER = 8;
/** The sum of a pseudo header: the right one, and what Linux takes for it (spec/profile.ts). */
export type Pseudo = { readonly right: number; readonly linux: number };

/** Linux names UDP, and of IPv4's length takes the low octet only. */
export const pseudoOfUdpLite = (right: number, length: number, version: Ip['kind']): Pseudo => ({
  right,
  linux: right + UDP - UDP_LITE + (version === 'ipv4' ? (length % 256) - length : 0),
});

/** A datagram's bytes as UDP-Lite, as far as they are. */
export const readUdpLite = (bytes: Bytes, pseudo: Pseudo): UdpLite | Opaque => {
  if (lengthOf(bytes) < HEADER) return { kind: 'opaque', bytes, why: 'short' };
  const coverage = numberAt(bytes, 4, 2);
  return {
    kind: 'udp-lite',
    sourcePort: numberAt(bytes, 0, 2),
    destinationPort: numberAt(bytes, 2, 2),
    coverage,
    checksum: named(numberAt(bytes, 6, 2), bytes, coverage, pseudo),
    payload: slice(bytes, HEADER),
  };
};

const named = (checksum: number, bytes: Bytes, coverage: number, pseudo: Pseudo): UdpLite['checksum'] => {
  if (checksum === 0) return 'none';
  const part = covered(bytes, coverage);
  if (checksum === right(part, pseudo.right)) return 'right';
  return checksum === right(part, pseudo.linux) ? 'as Linux' : { wrong: checksum };
};

/** A datagram as bytes. `readUdpLite` gives it back. */
export const writeUdpLite = ({ sourcePort, destinationPort, coverage, checksum, payload }: UdpLite, pseudo: Pseudo): Bytes => {
  const write = (value: number): Bytes => [sourcePort, destinationPort, coverage, value].map((field) => bytesOf(field, 2)).join('') + payload;
  if (checksum === 'none') return write(0);
  if (typeof checksum === 'object') return write(checksum.wrong);
  return write(right(covered(write(0), coverage), checksum === 'right' ? pseudo.right : pseudo.linux));
};

const covered = (bytes: Bytes, coverage: number): Bytes =>
  coverage >= HEADER && coverage <= lengthOf(bytes) ? slice(bytes, 0, coverage) : bytes;

/** The checksum of covered bytes, whatever stands in its place: 1..65535. */
const right = (bytes: Bytes, pseudo: number): number =>
  MODULUS - ((pseudo + sumOf(slice(bytes, 0, 6)) + sumOf(slice(bytes, HEADER))) % MODULUS);
