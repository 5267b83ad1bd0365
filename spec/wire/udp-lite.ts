/**
 * UDP-Lite between fields and bytes. Source: RFC 3828.
 */
import { type Bytes, bytesOf, lengthOf, numberAt, type Opaque, slice } from '../trace/packet.ts';
import { UDP, UDP_LITE, type UdpLite } from '../trace/transport.ts';
import { MODULUS, sumOf } from './checksum.ts';

const HEADER = 8;
/** What Linux' pseudo header adds to the sum of the right one: another protocol number, and of the length the low octet only. */
const asLinux = (length: number): number => UDP - UDP_LITE + (length % 256) - length;

/** A datagram's bytes as UDP-Lite, as far as they are. `pseudo` is the sum of the pseudo header. */
export const readUdpLite = (bytes: Bytes, pseudo: number): UdpLite | Opaque => {
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

const named = (checksum: number, bytes: Bytes, coverage: number, pseudo: number): UdpLite['checksum'] => {
  if (checksum === 0) return 'none';
  const part = covered(bytes, coverage);
  if (checksum === right(part, pseudo)) return 'right';
  return checksum === right(part, pseudo + asLinux(lengthOf(bytes))) ? 'as Linux' : { wrong: checksum };
};

/** A datagram as bytes. `readUdpLite` gives it back. */
export const writeUdpLite = ({ sourcePort, destinationPort, coverage, checksum, payload }: UdpLite, pseudo: number): Bytes => {
  const write = (value: number): Bytes => [sourcePort, destinationPort, coverage, value].map((field) => bytesOf(field, 2)).join('') + payload;
  if (checksum === 'none') return write(0);
  if (typeof checksum === 'object') return write(checksum.wrong);
  const sum = checksum === 'right' ? pseudo : pseudo + asLinux(HEADER + lengthOf(payload));
  return write(right(covered(write(0), coverage), sum));
};

const covered = (bytes: Bytes, coverage: number): Bytes =>
  coverage >= HEADER && coverage <= lengthOf(bytes) ? slice(bytes, 0, coverage) : bytes;

/** The checksum of covered bytes, whatever stands in its place: 1..65535. */
const right = (bytes: Bytes, pseudo: number): number =>
  MODULUS - ((pseudo + sumOf(slice(bytes, 0, 6)) + sumOf(slice(bytes, HEADER))) % MODULUS);
