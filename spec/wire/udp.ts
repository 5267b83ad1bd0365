/**
 * UDP between fields and bytes. Source: RFC 768.
 */
import { type Bytes, bytesOf, lengthOf, numberAt, type Opaque, slice } from '../trace/packet.ts';
import type { Udp } from '../trace/transport.ts';
import { MODULUS, sumOf } from './checksum.ts';

const HEADER = 8;

/** A datagram's bytes as UDP, as far as they are. `pseudo` is the sum of the pseudo header. */
export const readUdp = (bytes: Bytes, pseudo: number): Udp | Opaque => {
  if (lengthOf(bytes) < HEADER) return { kind: 'opaque', bytes, why: 'short' };
  const length = numberAt(bytes, 4, 2);
  const checksum = numberAt(bytes, 6, 2);
  const isRight = (pseudo + sumOf(bytes)) % MODULUS === 0;
  return {
    kind: 'udp',
    sourcePort: numberAt(bytes, 0, 2),
    destinationPort: numberAt(bytes, 2, 2),
    length: length === lengthOf(bytes) ? 'right' : { claimed: length },
    checksum: checksum === 0 ? 'none' : isRight ? 'right' : { wrong: checksum },
    payload: slice(bytes, HEADER),
  };
};

/** A UDP datagram as bytes. `readUdp` gives it back. A right checksum is never 0, which would say "none". */
export const writeUdp = (udp: Udp, pseudo: number): Bytes => {
  const length = udp.length === 'right' ? HEADER + lengthOf(udp.payload) : udp.length.claimed;
  const write = (checksum: number): Bytes =>
    [udp.sourcePort, udp.destinationPort, length, checksum].map((field) => bytesOf(field, 2)).join('') + udp.payload;
  if (udp.checksum === 'none') return write(0);
  return write(udp.checksum === 'right' ? MODULUS - ((pseudo + sumOf(write(0))) % MODULUS) : udp.checksum.wrong);
};
