/**
 * Errors: ICMP errors that somebody made up. Each quotes a packet that was really sent, by this tenant or by another,
 * with something wrong about the quote, about the error, or about where it arrives; or with nothing wrong at all.
 *
 * What routers would quote beyond a packet's first bytes is the error's own colour here: whoever sends an error sends
 * all of its bytes, so they are traced home like any other's.
 */
import type { Event, Receive } from '../../spec/trace/event.ts';
import type { Network } from '../../spec/trace/network.ts';
import { type Address, type Bytes, bytesOf, type Ip, type Ipv4, ipv4, type Ipv6, ipv6, isFragment, lengthOf, numberAt, slice } from '../../spec/trace/packet.ts';
import { ICMP, type Icmp } from '../../spec/trace/transport.ts';
import { writeHeader } from '../../spec/wire/ipv4.ts';
import { writeHeader6 } from '../../spec/wire/ipv6.ts';
import { writeTransport } from '../../spec/wire/transport.ts';
import { colouredPayload, equalPayload, LAST_PACKET } from '../colours.ts';
import { doorsOf, tenantOfDevice, wayOut } from '../tenants.ts';
import type { Draft } from './conversation.ts';
import { type Dice, nonEmpty } from './dice.ts';
import type { Features, Version } from './features.ts';
import { fragmentsOf, wholeOf } from './pieces.ts';

/** How far back the packet is that an error is about. */
const MEMORY = 12;

/** Those that there are, and of IPv6 the ends of the range that errors have. */
const TYPES: Readonly<Record<Version, readonly [number, ...(readonly number[])]>> = { 4: [3, 3, 3, 4, 5, 11, 11, 12], 6: [1, 1, 1, 2, 3, 3, 4, 5, 0, 127] };

/** Type and code of an error: mostly a real one. */
export const errorKind = (dice: Dice, version: Version): { readonly type: number; readonly code: number } => ({
  type: dice.among(...TYPES[version]),
  code: dice.chance(80) ? dice.between(0, 4) : dice.between(0, 255),
});

/** An error about one of the last packets, whole or in fragments; nothing if there is none that can be quoted. */
export const madeUpError = (dice: Dice, features: Features, network: Network, events: readonly Event[]): readonly Draft[] => {
  const about = events[dice.between(Math.max(0, events.length - MEMORY), events.length - 1)];
  if (about?.kind !== 'receive' || about.packet.kind === 'raw') return [];
  const device = placeOf(dice, network, about);
  const quoted = strangely(dice, dice.chance(25) ? turnedAround(about.packet) : about.packet);
  const version = VERSIONS[quoted.kind];
  const bytes = quoteOf(dice, quoted);
  const number = dice.between(0, LAST_PACKET);
  const rest = features.equalBytes ? equalPayload(number, 16) : colouredPayload(tenantOfDevice(network, device) ?? 1, number, 16);
  const source = dice.among(version.router, quoted.destination);
  const destination = dice.chance(80) ? quoted.source : dice.among<Address>(quoted.destination, ...version.hosts);
  const payload: Icmp = {
    kind: 'icmp',
    ...errorKind(dice, about.packet.kind === 'ipv4' ? 4 : 6),
    checksum: dice.chance(93) ? 'right' : { wrong: 0x1234 },
    identifier: dice.chance(80) ? 0 : dice.between(0, 65_535),
    sequence: dice.among(0, 0, 1400),
    payload: dice.chance(70) ? bytes : bytes + '00'.repeat(-lengthOf(bytes) & 7) + rest,
  };
  const packet = about.packet.kind === 'ipv4' ? ipv4({ source, destination, id: about.packet.id, payload }) : ipv6({ source, destination, payload });
  const pieces = features.fragments && bytes !== '' && dice.chance(15) ? fragmentsOf(dice, wholeOf(dice, packet, 7), 3) : [packet];
  return pieces.map((piece) => ({ device, packet: piece }));
};

/** Who sends and gets errors. */
const VERSIONS = {
  ipv4: { router: '198.51.100.254', hosts: ['10.0.0.1', '10.0.0.2', '192.0.2.9'] },
  ipv6: { router: '2001:db8::fe', hosts: ['fd00::1', 'fd00::2', '2001:db8::9'] },
} as const;

/** Mostly where the packet left; else where it came from, or a device of anybody. */
const placeOf = (dice: Dice, network: Network, { device }: Receive): string =>
  dice.chance(60) ? wayOut(network, device) : dice.among(device, dice.among(...nonEmpty(doorsOf(network))).name);

/** What an answer to the packet looks like, as far as errors are concerned. */
const turnedAround = (packet: Ip): Ip => {
  const { payload, source, destination } = packet;
  const turned = { ...packet, source: destination, destination: source };
  if ('sourcePort' in payload) return { ...turned, payload: { ...payload, sourcePort: payload.destinationPort, destinationPort: payload.sourcePort } };
  if (payload.kind !== 'icmp' || (payload.type !== 8 && payload.type !== 128)) return turned;
  return { ...turned, payload: { ...payload, type: payload.type === 8 ? 0 : 129 } };
};

/** The packet with one thing that does not fit, or as it left. */
const strangely = (dice: Dice, packet: Ip): Ip => (packet.kind === 'ipv4' ? strangely4(dice, packet) : strangely6(dice, packet));

const strangely6 = (dice: Dice, packet: Ipv6): Ipv6 => {
  const left = { ...packet, hopLimit: Math.max(0, packet.hopLimit - 1), trailer: '' };
  if (dice.chance(60)) return left;
  return dice.among<() => Ipv6>(
    () => ({ ...left, extensions: [{ kind: 'destination-options', data: '010400000000' }, ...left.extensions] }),
    () => ({ ...left, extensions: [...left.extensions, { kind: 'fragment', id: 1, offset: dice.among(0, 8), mf: dice.chance(50), reserved: 0 }] }),
    () => ({ ...left, length: { claimed: dice.among(0, 20, 65_535) } }),
    () => ({ ...left, protocol: dice.among(17, 58, 59, 60) }),
  )();
};

const strangely4 = (dice: Dice, packet: Ipv4): Ipv4 => {
  const left = { ...packet, ttl: Math.max(0, packet.ttl - 1), trailer: '' };
  if (dice.chance(60)) return left;
  return dice.among<() => Ipv4>(
    () => ({ ...left, options: dice.among('01010101', '0101010101010101') }),
    () => ({ ...left, offset: dice.among(8, 65_528) }),
    () => ({ ...left, mf: true }),
    () => ({ ...left, checksum: { wrong: 0x1234 } }),
    () => ({ ...left, length: { claimed: dice.among(0, 20, 65_535) } }),
    () => ({ ...left, protocol: dice.among(1, 17) }),
    () => ({ ...left, protocol: ICMP, payload: { kind: 'opaque', bytes: `${bytesOf(dice.among(0, 3, 11, 14, 30), 1)}00000003e80000`, why: 'protocol' } }),
  )();
};

/** The header and 8 bytes of what comes after it; or less, or with a header that claims another length or version. */
const quoteOf = (dice: Dice, packet: Ip): Bytes => {
  const bytes = (packet.kind === 'ipv4' ? writeHeader(packet) : writeHeader6(packet)) + slice(writeTransport(packet), 0, 8);
  if (dice.chance(80) || isFragment(packet)) return bytes;
  return dice.among<() => Bytes>(
    () => slice(bytes, 0, dice.among(0, 8, 19, 20, 23, 24, 27, 39, 40, 43, 44, 47)),
    () => bytesOf((numberAt(bytes, 0, 1) & 0xf0) | dice.between(0, 15), 1) + slice(bytes, 1),
    () => bytesOf((numberAt(bytes, 0, 1) & 0xf) | dice.among(0, 0x60), 1) + slice(bytes, 1),
  )();
};
