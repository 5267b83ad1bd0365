/**
 * Strays: packets that are refused, invalid, or dropped on their way, and bytes that are no packets.
 */
import { match } from 'ts-pattern';
import { type Bytes, bytesOf, type Ip, type Ipv4, lengthOf, numberAt, type Packet, slice } from '../../spec/trace/packet.ts';
import type { UdpLite } from '../../spec/trace/transport.ts';
import { writeHeader } from '../../spec/wire/ipv4.ts';
import { readTransport, writeTransport } from '../../spec/wire/transport.ts';
import type { Dice } from './dice.ts';

/** A datagram with one thing wrong. */
export const stray = (dice: Dice, datagram: Ipv4): Ipv4 =>
  dice.among<() => Ipv4>(
    () => ({ ...datagram, ttl: dice.among(0, 1) }),
    () => ({ ...datagram, checksum: { wrong: otherThan(numberAt(writeHeader(datagram), 10, 2), 0x1234) } }),
    () => ({ ...datagram, source: dice.among('127.0.0.1', '0.0.0.0', '0.0.0.1', '224.0.0.5', '255.255.255.255', '240.0.0.1') }),
    () => ({ ...datagram, destination: dice.among('127.0.0.1', '0.0.0.0', '0.0.0.1', '240.0.0.1', '224.0.0.251', '255.255.255.255') }),
    () => ({ ...datagram, options: dice.among('88010101', '01018801', '44') .padEnd(8, '0') }),
    () => ({ ...datagram, trailer: '000000' }),
    () => asRead({ ...datagram, payload: spoilt(dice, datagram.payload) }),
    () => asRead({ ...datagram, payload: spoilt(dice, datagram.payload) }),
    () => withTcpHeaderLength(datagram, dice.among(0, 4, 15)),
    () => ({ ...datagram, payload: readTransport(datagram, dice.among('', '03e80035', '03e80035000800')) }),
  )();

/** What is called wrong may be right by chance: the bytes decide. */
const asRead = (packet: Ipv4): Ipv4 => ({ ...packet, payload: readTransport(packet, writeTransport(packet)) });

/** A transport with one field wrong. */
export const spoilt = (dice: Dice, payload: Ip['payload']): Ip['payload'] =>
  match(payload)
    .returnType<Ip['payload']>()
    .with({ kind: 'udp' }, (udp) =>
      dice.chance(50)
        ? { ...udp, checksum: { wrong: 0x1234 } }
        : { ...udp, length: { claimed: otherThan(8 + lengthOf(udp.payload), dice.among(0, 7, 8, 9, 65_535)) } },
    )
    .with({ kind: 'udp-lite' }, (lite) =>
      dice.chance(50)
        ? { ...lite, checksum: dice.among<UdpLite['checksum']>({ wrong: 0x1234 }, 'none', 'right', 'as Linux') }
        : { ...lite, coverage: dice.among(1, 7, 9 + lengthOf(lite.payload), 65_535) },
    )
    .with({ kind: 'sctp' }, (sctp) =>
      dice.chance(50) ? { ...sctp, checksum: { wrong: 0x12345678 } } : { ...sctp, payload: dice.among('', '000000', '00000000', '05000000') },
    )
    .with({ kind: 'tcp' }, { kind: 'icmp' }, (transport) => ({ ...transport, checksum: { wrong: 0x1234 } }))
    .with({ kind: 'opaque' }, (same) => same)
    .exhaustive();

/** In words of 4 bytes. The segment is what can be read of it then. */
export const withTcpHeaderLength = <Datagram extends Ip>(datagram: Datagram, words: number): Datagram => {
  if (datagram.payload.kind !== 'tcp') return datagram;
  const bytes = writeTransport(datagram);
  return { ...datagram, payload: readTransport(datagram, slice(bytes, 0, 12) + bytesOf(words * 16, 1) + slice(bytes, 13)) };
};

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
    () => ({ kind: 'raw', bytes: `50${'00'.repeat(dice.between(39, 60))}`, why: 'version' }),
    () => ({ kind: 'raw', bytes: `41${'00'.repeat(19)}`, why: 'header-length' }),
    () => ({ kind: 'raw', bytes: `4f${'00'.repeat(dice.between(19, 58))}`, why: 'header-length' }),
    () => ({ ...datagram, length: { claimed: dice.among(0, 19, 65_535) }, payload: { kind: 'opaque', bytes: 'ff'.repeat(dice.between(0, 40)), why: 'length' } }),
    () => carrying(datagram, dice.among(1, 6, 47, 58, 132, 255), '00'.repeat(dice.between(0, 40))),
  )();
