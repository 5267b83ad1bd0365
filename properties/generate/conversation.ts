/**
 * Conversations: what one tenant's hosts say to each other, over very few tuples.
 *
 * All tenants draw from the same tiny pools of addresses, ports, identifications and sizes, so their packets collide in
 * everything but the zone.
 */
import type { Tenant } from '../../spec/trace/network.ts';
import { type Address, type Ipv4, ipv4, lengthOf, type Packet } from '../../spec/trace/packet.ts';
import { colouredPayload, equalPayload, LAST_PACKET } from '../colours.ts';
import type { Dice } from './dice.ts';
import type { Features } from './features.ts';
import { broken, fragmentsOf } from './pieces.ts';
import { garbage, stray } from './strays.ts';

/** A packet before it has its place in time. */
export type Draft = { readonly device: string; readonly packet: Packet };

export type Pools = {
  readonly insides: readonly [Address, ...Address[]];
  readonly outsides: readonly [Address, ...Address[]];
  readonly ports: readonly [number, ...number[]];
  readonly ids: readonly [number, ...number[]];
  readonly sizes: readonly [number, ...number[]];
};

export const pools = (dice: Dice, features: Features): Pools => ({
  insides: dice.among(['10.0.0.1'], ['10.0.0.1', '10.0.0.2']),
  outsides: dice.among(['192.0.2.9'], ['192.0.2.9', '10.0.0.1']),
  ports: dice.among([1000], [1000, 2000], [53, 1000, 65_535], [1000, 0]),
  ids: dice.among([7], [7, 8], [1, 256]),
  sizes: features.large
    ? [16, 24, 32, 64, 1472, dice.heavyTail(MOST), dice.among(dice.between(1, 8188) * 8, TOO_MANY)]
    : dice.among([8], [16, 32], [24, 13, 0], [dice.heavyTail(512), 64]),
});

/** The most that UDP over IPv4 can carry, and a size that only fragments can claim. */
const MOST = 65_507;
const TOO_MANY = 65_512;

/** One tuple and a script of packets on it, from either side. */
export const conversation = (dice: Dice, features: Features, from: Pools, tenant: Tenant, firstPacket: number): readonly Draft[] => {
  const [inside = '', outside = ''] = tenant.devices;
  const ends = { inside: dice.among(...from.insides), outside: dice.among(...from.outsides) };
  const ports = { inside: dice.among(...from.ports), outside: dice.among(...from.ports) };
  const length = dice.heavyTail(features.large ? 64 : 8);
  const drafts: Draft[] = [];
  for (let turn = 0; turn < length; turn += 1) {
    const outward = turn === 0 ? dice.chance(85) : dice.chance(55);
    const number = (firstPacket + turn) % (LAST_PACKET + 1);
    const datagram = udp(dice, features, from, tenant, number, outward ? [ends.inside, ports.inside, ends.outside, ports.outside] : [ends.outside, ports.outside, ends.inside, ports.inside]);
    const [device, other] = outward ? [inside, outside] : [outside, inside];
    // Pieces of one datagram may take different paths.
    const scattered = features.brokenFragments && dice.chance(20);
    for (const packet of asSent(dice, features, datagram)) drafts.push({ device: scattered && dice.chance(40) ? other : device, packet });
  }
  return drafts;
};

/** Whole or in fragments; sound, strange or spoilt. */
const asSent = (dice: Dice, features: Features, datagram: Ipv4): readonly Packet[] => {
  if (features.garbage && dice.chance(15)) return [garbage(dice, datagram)];
  const sent = features.strays && dice.chance(25) ? stray(dice, datagram) : datagram;
  if (sent.length !== 'right' || sent.payload.kind !== 'udp' || sent.payload.payload === '') return [sent];
  const fits = lengthOf(sent.payload.payload) <= MOST - lengthOf(sent.options);
  if (fits && (!features.fragments || dice.chance(35))) return [sent];
  const most = features.large ? (dice.chance(2) ? 8190 : 200) : 6;
  const pieces = fragmentsOf(dice, sent, most);
  if (features.brokenFragments && dice.chance(60)) return broken(dice, sent, pieces);
  return dice.chance(40) ? dice.shuffled(pieces) : pieces;
};

type Ends = readonly [source: Address, sourcePort: number, destination: Address, destinationPort: number];

const udp = (dice: Dice, features: Features, from: Pools, tenant: Tenant, number: number, ends: Ends): Ipv4 => {
  const [source, sourcePort, destination, destinationPort] = ends;
  const bytes = dice.among(...from.sizes);
  return ipv4({
    source,
    destination,
    tos: features.headers ? dice.among(0, 2, 16, 184, 3) : 0,
    id: dice.among(...from.ids),
    reserved: features.headers && dice.chance(5),
    df: features.headers && dice.chance(40),
    ttl: features.headers ? dice.among(64, 2, 255) : 64,
    options: features.headers && dice.chance(25) ? dice.among('01010101', '00000000', '01000000', '8804002a', '1e040000', '880300011e0400ff') : '',
    payload: {
      kind: 'udp',
      sourcePort,
      destinationPort,
      length: 'right',
      checksum: features.headers && dice.chance(10) ? 'none' : 'right',
      payload: features.equalBytes ? equalPayload(number, bytes) : colouredPayload(tenant.number, number, bytes),
    },
  });
};
