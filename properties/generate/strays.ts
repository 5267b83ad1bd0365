/**
 * Strays: packets that are refused, invalid, or dropped on their way, and bytes that are no packets.
 */
import { type Bytes, bytesOf, type Ipv4, lengthOf, type Packet, slice } from '../../spec/trace/packet.ts';
import type { Transport, Udp } from '../../spec/trace/transport.ts';
import { readTransport, writeTransport } from '../../spec/wire/transport.ts';
import type { Dice } from './dice.ts';

/** A datagram with one thing wrong. */
export const stray = (dice: Dice, datagram: Ipv4): Ipv4 =>
  dice.among<() => Ipv4>(
    () => ({ ...datagram, ttl: dice.among(0, 1) }),
    () => ({ ...datagram, checksum: { wrong: 0x1234 } }),
    () => ({ ...datagram, source: dice.among('127.0.0.1', '0.0.0.0', '0.0.0.1', '224.0.0.5', '255.255.255.255', '240.0.0.1') }),
    () => ({ ...datagram, destination: dice.among('127.0.0.1', '0.0.0.0', '0.0.0.1', '240.0.0.1', '224.0.0.251', '255.255.255.255') }),
    () => ({ ...datagram, options: dice.among('88010101', '01018801', '44') .padEnd(8, '0') }),
    () => ({ ...datagram, trailer: '000000' }),
    () => withTransport(datagram, (transport) => ({ ...transport, checksum: { wrong: 0x1234 } })),
    () => withTcpHeaderLength(datagram, dice.among(0, 4, 15)),
    () => withUdp(datagram, (udp) => ({ ...udp, length: { claimed: otherThan(8 + lengthOf(udp.payload), dice.among(0, 7, 8, 9, 65_535)) } })),
    () => ({ ...datagram, payload: { kind: 'opaque', bytes: dice.among('', '03e80035', '03e80035000800'), why: 'short' } }),
  )();

const withTransport = (datagram: Ipv4, change: (transport: Transport) => Transport): Ipv4 =>
  datagram.payload.kind === 'opaque' ? datagram : { ...datagram, payload: change(datagram.payload) };

/** In words of 4 bytes. The segment is what can be read of it then. */
const withTcpHeaderLength = (datagram: Ipv4, words: number): Ipv4 => {
  if (datagram.payload.kind !== 'tcp') return datagram;
  const bytes = writeTransport(datagram);
  return { ...datagram, payload: readTransport(datagram, slice(bytes, 0, 12) + bytesOf(words * 16, 1) + slice(bytes, 13)) };
};

const withUdp = (datagram: Ipv4, change: (udp: Udp) => Udp): Ipv4 =>
  datagram.payload.kind === 'udp' ? { ...datagram, payload: change(datagram.payload) } : datagram;

/** A claim that equals the truth would be none. */
const otherThan = (truth: number, claim: number): number => (claim === truth ? truth - 1 : claim);

/** Bytes of another protocol, as far as it can read them. */
const carrying = (datagram: Ipv4, protocol: number, bytes: Bytes): Ipv4 => ({
  ...datagram,
  protocol,
  payload: readTransport({ ...datagram, protocol }, bytes),
});

/** What is not IPv4, is cut short, or belongs to a protocol that is not modelled. */
export const garbage = (dice: Dice, datagram: Ipv4): Packet =>
  dice.among<() => Packet>(
    () => ({ kind: 'raw', bytes: dice.among('', '45', '45000014'), why: 'short' }),
    () => ({ kind: 'raw', bytes: `60${'00'.repeat(dice.between(39, 60))}`, why: 'version' }),
    () => ({ kind: 'raw', bytes: `41${'00'.repeat(19)}`, why: 'header-length' }),
    () => ({ kind: 'raw', bytes: `4f${'00'.repeat(dice.between(19, 58))}`, why: 'header-length' }),
    () => ({ ...datagram, length: { claimed: dice.among(0, 19, 65_535) }, payload: { kind: 'opaque', bytes: 'ff'.repeat(dice.between(0, 40)), why: 'length' } }),
    () => carrying(datagram, dice.among(1, 6, 47, 132, 255), '00'.repeat(dice.between(0, 40))),
  )();
