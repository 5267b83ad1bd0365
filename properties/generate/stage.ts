/**
 * The stage of a conversation: who speaks, and the tiny pools that all tenants draw from, so that their packets collide
 * in everything but the zone.
 */
import type { Tenant } from '../../spec/trace/network.ts';
import { type Address, type Bytes, type Ip, type Ipv4, ipv4, ipv6 } from '../../spec/trace/packet.ts';
import { colouredPayload, equalPayload, LAST_PACKET } from '../colours.ts';
import type { Dice } from './dice.ts';
import type { Features, Version } from './features.ts';
import { extensions } from './strays6.ts';

/** Addresses of one version of IP. */
export type Hosts = {
  readonly insides: readonly [Address, ...Address[]];
  readonly outsides: readonly [Address, ...Address[]];
};

export type Pools = {
  readonly hosts: Readonly<Record<Version, Hosts>>;
  readonly ports: readonly [number, ...number[]];
  readonly ids: readonly [number, ...number[]];
  /** Payload sizes in bytes. */
  readonly sizes: readonly [number, ...number[]];
};

export type Stage = {
  readonly dice: Dice;
  readonly features: Features;
  readonly pools: Pools;
  readonly tenant: Tenant;
  readonly version: Version;
  readonly hosts: { readonly inside: Address; readonly outside: Address };
  /** The colour's number of the first packet that is sent here. */
  readonly firstPacket: number;
};

/** A whole packet, on its way out of the tenant's network or into it. */
export type Turn = {
  readonly outward: boolean;
  readonly packet: Ip;
  /** About so many milliseconds pass before it, where they can. */
  readonly waitMs?: number;
};

/** What stands in an IPv4 header besides addresses. */
const header = ({ dice, features, pools }: Stage): Pick<Ipv4, 'tos' | 'id' | 'reserved' | 'df' | 'ttl' | 'options'> => ({
  tos: features.headers ? dice.among(0, 2, 16, 184, 3) : 0,
  id: dice.among(...pools.ids),
  reserved: features.headers && dice.chance(5),
  df: features.headers && dice.chance(40),
  ttl: features.headers ? dice.among(64, 2, 255) : 64,
  options: features.headers && dice.chance(25) ? dice.among('01010101', '00000000', '01000000', '8804002a', '1e040000', '880300011e0400ff') : '',
});

/** What a packet carries, with the protocol's number where that does not say it. */
export type Carried = Pick<Ip, 'payload'> & Partial<Pick<Ip, 'protocol'>>;

/** A packet of the conversation's version of IP from one of its hosts to the other. */
export const packetOf = (stage: Stage, outward: boolean, carried: Carried): Ip => {
  const { inside, outside } = stage.hosts;
  const [source, destination] = outward ? [inside, outside] : [outside, inside];
  return stage.version === 4
    ? ipv4({ source, destination, ...header(stage), ...carried })
    : ipv6({ source, destination, ...header6(stage), ...carried });
};

/** Behind extension headers a datagram may become too long. */
const header6 = ({ dice, features }: Stage) => ({
  trafficClass: features.headers ? dice.among(0, 1, 2, 16, 184, 3) : 0,
  flowLabel: features.headers ? dice.among(0, 1, 0xfffff) : 0,
  hopLimit: features.headers ? dice.among(64, 2, 255) : 64,
  extensions: (features.headers || features.large) && dice.chance(40) ? extensions(dice) : [],
});

/** A payload in the tenant's colour, or in nobody's. */
export const payloadOf = ({ features, tenant }: Stage, number: number, bytes: number): Bytes =>
  features.equalBytes ? equalPayload(number, bytes) : colouredPayload(tenant.number, number, bytes);

/** One end of a conversation. */
export type End = keyof Stage['hosts'];

/**
 * Packets to and fro, mostly outwards at first, as many as a heavy tail says. `carry` gives what one of them carries,
 * `number` being that of its colour.
 */
export const exchange = (
  stage: Stage,
  carry: (from: End, to: End, number: number) => Carried,
): readonly Turn[] => {
  const { dice, features, firstPacket } = stage;
  const length = dice.heavyTail(features.large ? 64 : 8);
  return Array.from({ length }, (_, turn) => {
    const outward = turn === 0 ? dice.chance(85) : dice.chance(55);
    const [from, to] = outward ? (['inside', 'outside'] as const) : (['outside', 'inside'] as const);
    const number = (firstPacket + turn) % (LAST_PACKET + 1);
    return { outward, packet: packetOf(stage, outward, carry(from, to, number)) };
  });
};
