/**
 * TCP between fields and bytes. Source: RFC 9293 section 3.1.
 */
import { type Bytes, bytesOf, lengthOf, numberAt, type Opaque, slice } from '../trace/packet.ts';
import { type Tcp, TCP_FLAGS, type TcpFlags } from '../trace/transport.ts';
import { named, rightChecksum, valueOf } from './checksum.ts';

const HEADER = 20;
const CHECKSUM = 16;

/** A segment's bytes as TCP, as far as they are. `pseudo` is the sum of the pseudo header. */
export const readTcp = (bytes: Bytes, pseudo: number): Tcp | Opaque => {
  if (lengthOf(bytes) < HEADER) return { kind: 'opaque', bytes, why: 'short' };
  const header = (numberAt(bytes, 12, 1) >> 4) * 4;
  if (header < HEADER || header > lengthOf(bytes)) return { kind: 'opaque', bytes, why: 'header-length' };
  return {
    kind: 'tcp',
    sourcePort: numberAt(bytes, 0, 2),
    destinationPort: numberAt(bytes, 2, 2),
    sequence: numberAt(bytes, 4, 4),
    acknowledgement: numberAt(bytes, 8, 4),
    reserved: numberAt(bytes, 12, 1) & 0xf,
    flags: flagsOf(numberAt(bytes, 13, 1)),
    window: numberAt(bytes, 14, 2),
    checksum: named(numberAt(bytes, CHECKSUM, 2), rightChecksum(bytes, CHECKSUM, pseudo)),
    urgent: numberAt(bytes, 18, 2),
    options: slice(bytes, HEADER, header),
    payload: slice(bytes, header),
  };
};

/** A segment as bytes. `readTcp` gives it back. */
export const writeTcp = (tcp: Tcp, pseudo: number): Bytes => {
  const first = [bytesOf(tcp.sourcePort, 2), bytesOf(tcp.destinationPort, 2), bytesOf(tcp.sequence, 4), bytesOf(tcp.acknowledgement, 4)];
  const second = [(HEADER + lengthOf(tcp.options)) * 4 + tcp.reserved, bitsOf(tcp.flags)].map((field) => bytesOf(field, 1));
  const write = (checksum: number): Bytes =>
    [...first, ...second, bytesOf(tcp.window, 2), bytesOf(checksum, 2), bytesOf(tcp.urgent, 2), tcp.options, tcp.payload].join('');
  return write(valueOf(tcp.checksum, rightChecksum(write(0), CHECKSUM, pseudo)));
};

const flagsOf = (bits: number): TcpFlags => TCP_FLAGS.filter((_, index) => (bits & (1 << index)) !== 0).join('');

const bitsOf = (flags: TcpFlags): number =>
  TCP_FLAGS.reduce((bits, letter, index) => (flags.includes(letter) ? bits | (1 << index) : bits), 0);
