/**
 * Strays of IPv6: packets that are refused, invalid, or dropped on their way, and chains of headers that no sender needs.
 */
import { withBehind } from '../../spec/extensions.ts';
import { type Bytes, type Extension, type Ipv6, type Packet } from '../../spec/trace/packet.ts';
import { firstOf, writeChain } from '../../spec/wire/extensions.ts';
import { readTransport, writeTransport } from '../../spec/wire/transport.ts';
import type { Dice } from './dice.ts';
import { spoilt, withTcpHeaderLength } from './strays.ts';

/** Options behind the two bytes of a header: padding, and unknown ones that say skip. */
const FINE: readonly [Bytes, ...Bytes[]] = ['010400000000', '000000000000', '1e04abcdef01', '050200000100', '1e0001000100', '010200001e00010200001e000100', `1e0c${'ab'.repeat(12)}`];

/** Hop-by-hop options for which a router drops the packet. */
const REFUSED: readonly [Bytes, ...Bytes[]] = [
  '010400000100',
  '010500000000',
  '5e04abcdef01',
  '9e04abcdef01',
  'de04abcdef01',
  'c20400020000',
  '050300000000',
  '0100000000000000000000000000',
  '1e001e001e000000000000000000',
  '1e001e001e001e001e001e001e001e001e0001020000',
  '000000000001',
];

const options = (dice: Dice, kind: 'hop-by-hop' | 'routing' | 'destination-options', from = FINE): Extension => ({ kind, data: dice.among(...from) });

/** Extension headers as senders put them, or in any other order. */
export const extensions = (dice: Dice): readonly Extension[] =>
  dice.among<() => readonly Extension[]>(
    () => [options(dice, 'hop-by-hop')],
    () => [options(dice, 'destination-options')],
    () => [options(dice, 'hop-by-hop'), options(dice, 'routing'), options(dice, 'destination-options')],
    () => [options(dice, 'destination-options'), options(dice, 'routing')],
    () => [{ kind: 'authentication', data: dice.among('00'.repeat(6), '00'.repeat(10), '00'.repeat(14)) }],
    () => [options(dice, 'destination-options'), { kind: 'authentication', data: '00'.repeat(14) }, options(dice, 'hop-by-hop')],
    () => [options(dice, 'routing'), options(dice, 'hop-by-hop', REFUSED), options(dice, 'destination-options')],
  )();

const atomic = (id: number): Extension => ({ kind: 'fragment', id, offset: 0, mf: false, reserved: 0 });

/** A datagram with one thing wrong. */
export const stray6 = (dice: Dice, datagram: Ipv6): Ipv6 =>
  dice.among<() => Ipv6>(
    () => ({ ...datagram, hopLimit: dice.among(0, 1) }),
    () => ({ ...datagram, source: dice.among('::', '::1', '::2', 'fe80::1', 'febf::1', 'ff02::5', '::ffff:a00:1') }),
    () => ({ ...datagram, destination: dice.among('::', '::1', '::2', 'fe80::2', 'febf::2', 'fec0::1', 'ff02::1', 'ff01::1', 'ff00::5', 'ff0e::5') }),
    () => ({ ...datagram, extensions: [options(dice, 'hop-by-hop', REFUSED), ...datagram.extensions] }),
    () => ({ ...datagram, extensions: extensions(dice) }),
    () => ({ ...datagram, trailer: '000000' }),
    () => ({ ...datagram, payload: spoilt(dice, datagram.payload) }),
    () => ({ ...datagram, payload: spoilt(dice, datagram.payload) }),
    () => withTcpHeaderLength(datagram, dice.among(0, 4, 15)),
    () => withoutChecksum(datagram),
    () => ({ ...datagram, payload: readTransport(datagram, dice.among('', '03e80035', '03e80035000800')) }),
    () => ({ ...datagram, extensions: [...datagram.extensions, atomic(dice.among(7, 8))] }),
    () => behind(datagram, [...datagram.extensions, { kind: 'fragment', id: 7, offset: 0, mf: true, reserved: 0 }]),
    () => behind(datagram, [atomic(7), { kind: 'fragment', id: 7, offset: dice.among(0, 8), mf: true, reserved: 0 }]),
    () => cutOff(dice, datagram),
  )();

/** The same bytes behind these headers. */
const behind = (datagram: Ipv6, headers: readonly Extension[]): Ipv6 => withBehind(datagram, headers, datagram.protocol, writeTransport(datagram));

/** A chain that is not all there, or that ends with nothing. */
const cutOff = (dice: Dice, datagram: Ipv6): Ipv6 => {
  const [first, bytes] = dice.among<readonly [number, Bytes]>([60, '11'], [60, '1105000000000000'], [60, '3205000000000000'], [43, '3b00000000000000'], [44, '11000001'], [44, '1100'], [44, '110000080000'], [59, ''], [60, '3c'], [0, '11ff000000000000']);
  const before = dice.chance(50) ? datagram.extensions : [];
  return withBehind(datagram, before, first, bytes);
};

/** Only UDP can do without. */
const withoutChecksum = (datagram: Ipv6): Ipv6 =>
  datagram.payload.kind === 'udp' ? { ...datagram, payload: { ...datagram.payload, checksum: 'none' } } : datagram;

/** What is no IPv6, is cut short, or carries a protocol that is not modelled, perhaps an extension header beyond its end. */
export const garbage6 = (dice: Dice, datagram: Ipv6): Packet =>
  dice.among<() => Packet>(
    () => ({ kind: 'raw', bytes: `6${dice.among('0', 'f')}${'00'.repeat(dice.between(0, 38))}`, why: 'short' }),
    () => longer(datagram, dice.between(0, 40)),
    () => withBehind(datagram, [], dice.among(0, 1, 6, 43, 44, 47, 51, 58, 59, 60, 132, 255), '00'.repeat(dice.between(1, 40))),
    () => withBehind(datagram, datagram.extensions, dice.among(44, 60), writeChain(extensions(dice), 17).slice(0, dice.between(1, 12) * 2)),
  )();

/** It claims more than there is, so nothing of it is read. */
const longer = (datagram: Ipv6, size: number): Ipv6 => ({
  ...datagram,
  extensions: [],
  protocol: firstOf(datagram.extensions, datagram.protocol),
  length: { claimed: 65_535 },
  payload: { kind: 'opaque', bytes: 'ff'.repeat(size), why: 'length' },
});
