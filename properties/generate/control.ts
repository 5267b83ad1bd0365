/**
 * Control: commands about what was just sent or is to be sent next, mostly. A tuple as it is or mirrored, in the zone
 * where it is sent or in another one; and now and then one that nobody sends.
 */
import type { Command, CommandName, Event, Protoinfo, Receive, TcpSide } from '../../spec/trace/event.ts';
import type { Network } from '../../spec/trace/network.ts';
import { asTracked } from '../../spec/extensions.ts';
import { grePorts } from '../../spec/gre.ts';
import { STATES as SCTP_STATES } from '../../spec/sctp/association.ts';
import { type Ip, isFragment } from '../../spec/trace/packet.ts';
import { GRE, SCTP, TCP, UDP } from '../../spec/trace/transport.ts';
import { icmpPorts, inverse, type Tuple, tupleOf } from '../../spec/tuple.ts';
import { DEFAULT_ZONE, type Zone, type ZoneId } from '../../spec/zone.ts';
import type { Capabilities } from '../subject.ts';
import { isDirected, zoneIdOf } from '../tenants.ts';
import type { Draft } from './conversation.ts';
import { type Dice, nonEmpty } from './dice.ts';
import { TAGS } from './sctp.ts';

/** How often each command comes among those that can be had. */
const SHARES: Readonly<Record<CommandName, number>> = { flush: 5, dump: 2, get: 5, delete: 4, create: 5, resize: 1 };

/** Where extensions run out, more is created: such networks are rare. */
const shareOf = (name: CommandName, { extensions }: Network): number => SHARES[name] * (name === 'create' && extensions !== undefined ? 5 : 1);

/** A command to stand between these events and what comes next in each conversation; or none. */
export const commandAfter = (
  dice: Dice,
  events: readonly Event[],
  coming: readonly Draft[],
  network: Network,
  usable: readonly CommandName[],
  zones: Capabilities['zones'],
): Command | undefined => {
  const [first, ...others] = usable.flatMap((name) => Array.from({ length: shareOf(name, network) }, () => name));
  if (first === undefined) return undefined;
  const command = dice.among(first, ...others);
  // What was just sent mostly has a connection already.
  const isToCome = command === 'create' && coming.length > 0 && dice.chance(60);
  const flow = flowIn(dice, isToCome ? coming : [...events.filter((event): event is Receive => event.kind === 'receive').slice(-8), ...coming], network);
  const home = flow ? flow.zone : DEFAULT_ZONE;
  const tuple = flow && dice.chance(90) ? flow.tuple : dice.among(UNKNOWN, UNKNOWN_6);
  const id = dice.chance(70) ? home : otherZone(dice, network, zones);
  const named = zoneSaid(dice, id, network.devices.some(isDirected));
  switch (command) {
    case 'flush':
      return dice.chance(25) ? { command } : { command, zone: mistyped(dice, id, zones) };
    case 'dump':
      return dice.chance(25) ? { command } : { command, zone: id };
    case 'get':
    case 'delete':
      return { command, tuple: misheard(dice, mirrored(dice, tuple)), ...named };
    case 'create':
      return { command, ...halves(dice, tuple), ...named, timeoutMs: timeout(dice, network), ...protoinfo(dice, tuple.protocol) };
    case 'resize':
      return { command, buckets: dice.among(1, 2, 8, 64, 1000) };
    default:
      return command satisfies never;
  }
};

const UNKNOWN: Tuple = { source: '10.0.0.77', destination: '192.0.2.9', protocol: UDP, sourcePort: 7, destinationPort: 7 };

const UNKNOWN_6: Tuple = { ...UNKNOWN, source: 'fd00::77', destination: '2001:db8::9' };

/** The flow of one of these packets, and its zone. */
const flowIn = (dice: Dice, packets: readonly Draft[], network: Network): { readonly tuple: Tuple; readonly zone: ZoneId } | undefined => {
  if (packets.length === 0) return undefined;
  const { device: name, packet } = dice.among(...nonEmpty(packets));
  const tuple = packet.kind === 'raw' ? undefined : tupleIn(packet);
  const device = network.devices.find((candidate) => candidate.name === name);
  return tuple && device && { tuple, zone: zoneIdOf(device) };
};

const tupleIn = (packet: Ip): Tuple | undefined => {
  const read = isFragment(packet) ? undefined : asTracked(packet);
  if (!read) return undefined;
  const { payload } = read;
  if (payload.kind === 'icmp') return tupleOf(read, icmpPorts(payload));
  if ('sourcePort' in payload) return tupleOf(read, payload);
  const call = read.protocol === GRE && payload.kind === 'opaque' ? grePorts(payload.bytes) : undefined;
  return tupleOf(read, call ?? { sourcePort: 0, destinationPort: 0 });
};

/** Of an ICMP error there is no mirror. */
const mirrorOf = (tuple: Tuple): Tuple => inverse(tuple) ?? tuple;

const mirrored = (dice: Dice, tuple: Tuple): Tuple => (dice.chance(35) ? mirrorOf(tuple) : tuple);

/** Rarely with an address of the other version of IP. */
const misheard = (dice: Dice, tuple: Tuple): Tuple => (dice.chance(97) ? tuple : { ...tuple, destination: dice.among(UNKNOWN.destination, UNKNOWN_6.destination) });

/** Another one of the network's, the ends of the range, or one that nobody uses. */
const otherZone = (dice: Dice, network: Network, { from, to }: Capabilities['zones']): ZoneId =>
  dice.among(DEFAULT_ZONE, from, to, dice.between(from, to), ...network.devices.map(zoneIdOf));

/** Rarely a number that is no zone's, where one can be said: it looks like a zone's to who sees 16 bits of it. */
const mistyped = (dice: Dice, id: ZoneId, { said }: Capabilities['zones']): number =>
  said !== undefined && dice.chance(8) ? dice.between(1, Math.floor(said / ZONES) - 1) * ZONES + id : id;

const ZONES = 65_536;

/** Zone 0 is said, or nothing is: both mean the same. Where zones count in one direction, so does now and then what is said. */
const zoneSaid = (dice: Dice, id: ZoneId, directed: boolean): { readonly zone?: Zone; readonly besides?: Zone } => {
  if (id === DEFAULT_ZONE && dice.chance(50)) return {};
  const counts = directed ? dice.among('both', 'both', 'original', 'reply') : 'both';
  if (!directed || dice.chance(80)) return { zone: { id, counts } };
  return { zone: { id: dice.among(id, DEFAULT_ZONE), counts: 'both' }, besides: { id: dice.among(id, DEFAULT_ZONE), counts: dice.among('original', 'reply') } };
};

/** The reply is what answers carry; rarely it is another flow's, its own original, or of another protocol. */
const halves = (dice: Dice, tuple: Tuple): { readonly original: Tuple; readonly reply: Tuple } => {
  const original = dice.chance(50) ? mirrored(dice, tuple) : { ...tuple, sourcePort: dice.among(1000, 2000, 3000) };
  if (dice.chance(75)) return { original, reply: mirrorOf(original) };
  if (dice.chance(40)) return { original: UNKNOWN, reply: mirrored(dice, tuple) };
  return { original, reply: dice.among(original, tuple, mirrorOf(tuple), { ...mirrorOf(original), protocol: 6 }, UNKNOWN, { ...mirrorOf(original), destination: UNKNOWN.source }) };
};

/** Often what the protocol wants to know, rarely what another one does. */
const protoinfo = (dice: Dice, protocol: number): { readonly protoinfo?: Protoinfo } => {
  if (dice.chance(40)) return {};
  const told = dice.chance(95) ? protocol : dice.among(TCP, SCTP);
  if (told === TCP) return { protoinfo: { kind: 'tcp', state: dice.among(...TCP_STATES), original: tcpSide(dice), reply: tcpSide(dice) } };
  if (told !== SCTP) return {};
  return { protoinfo: { kind: 'sctp', state: dice.among(...SCTP_STATES), tags: { original: dice.among(0, ...TAGS), reply: dice.among(0, ...TAGS) } } };
};

const TCP_STATES = ['ESTABLISHED', 'NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'SYN_SENT2'] as const;

const tcpSide = (dice: Dice): TcpSide => ({
  ...(dice.chance(60) ? { scale: dice.among(0, 2, 7, 14) } : {}),
  sackPermitted: dice.chance(50),
  closedFirst: dice.chance(20),
  liberal: dice.chance(30),
  unacknowledged: dice.chance(20),
});

const timeout = (dice: Dice, { timeouts }: Network): number => dice.among(1000, 5000, timeouts.udpMs, timeouts.udpStreamMs);
