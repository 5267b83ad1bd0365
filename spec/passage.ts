/**
 * The passage: what becomes of a datagram and its connection between tracking and confirmation, in a network that translates
 * its version of IP.
 *
 *     destination bound -> destination rewritten -> route -> source bound -> source rewritten -> pieces
 *
 * Only the first packet of a connection binds; and a packet that dies on the way, of its time to live for example, leaves
 * the source unbound.
 *
 * Source: nf_nat_inet_fn(), nf_nat_ipv4_pre_routing(), nf_nat_ipv4_out(), nf_nat_ipv6_in(), nf_nat_ipv6_out().
 */
import type { Connection } from './connection.ts';
import { type Forwarding, route, send } from './forwarding.ts';
import { type Forwarding6, route6, send6 } from './forwarding6.ts';
import { bind, type ChooseHere, type Side } from './nat.ts';
import type { Datagram } from './reassembly.ts';
import type { RuleId } from './rules.ts';
import type { Device, DeviceName } from './trace/network.ts';
import type { Address, Ip } from './trace/packet.ts';
import { translate } from './translation.ts';
import type { Direction } from './zone.ts';

/** A datagram on its way, what it belongs to, and all connections that there are. */
type Traveller = Pick<Datagram, 'packet' | 'came' | 'attached'> & { readonly connection: Connection; readonly connections: readonly Connection[]; readonly rules: readonly RuleId[] };

/** How tracking saw it, and what stands around it. */
type Around = {
  readonly direction: Direction;
  /** The connection was made for it. */
  readonly isFirst: boolean;
  /** It is an error about a packet of the connection. */
  readonly isError: boolean;
  readonly arrival: Device;
  /** Where its first piece came in, if it came in pieces. */
  readonly firstDevice?: DeviceName;
  /** Where it leaves, by where it goes. */
  readonly exitTo: (destination: Address) => Device;
  /** The machine's own addresses. */
  readonly own: readonly Address[];
  readonly choose: ChooseHere;
};

export type Passage = Omit<Traveller, 'packet' | 'came' | 'attached'> & { readonly forwarding?: Forwarding | Forwarding6 };

export const passage = (traveller: Traveller, around: Around): Passage => {
  const inside = changed(traveller, 'destination', around, around.arrival);
  if (!inside.packet) return inside;
  const exit = around.exitTo(inside.packet.destination);
  const routed = inside.packet.kind === 'ipv4' ? route(inside.packet, around.own) : route6(inside.packet, around.own, around.firstDevice === exit.name);
  if ('rule' in routed) return { forwarding: routed, ...inside, rules: [...inside.rules, routed.rule] };
  const onward: Traveller = { attached: traveller.attached, ...inside, packet: routed.packet };
  const outside = hasMoved(onward, around, exit) ? ended(onward) : changed(onward, 'source', around, exit);
  if (!outside.packet) return outside;
  const { packet, came } = outside;
  const forwarding = packet.kind === 'ipv4' ? send(packet, came, traveller.attached, exit.name) : send6(packet, came, traveller.attached, exit.name);
  return { forwarding, ...outside, rules: [...outside.rules, forwarding.rule] };
};

type Changed = Omit<Traveller, 'packet' | 'attached'> & { readonly packet?: Ip };

/** One side is bound at a device, if this is the first packet, and rewritten. */
const changed = (traveller: Traveller, side: Side, { direction, isFirst, isError, choose }: Around, device: Device): Changed => {
  const { packet, came, rules } = traveller;
  const binding = isFirst ? bind(traveller.connections, traveller.connection, side, device, choose) : undefined;
  const { connection } = binding ?? traveller;
  const connections = binding?.ended ? traveller.connections.filter((other) => other !== binding.ended) : traveller.connections;
  const translated = translate(packet, came, connection, direction, isError, side);
  return { connection, connections, ...translated, rules: [...rules, ...(binding?.rules ?? []), ...translated.rules] };
};

const hasMoved = ({ connection: { bound } }: Traveller, { direction, isError }: Around, exit: Device): boolean =>
  direction === 'original' && !isError && bound?.masquerade !== undefined && bound.masquerade !== exit.name;

const ended = ({ connection, connections, rules }: Traveller): Changed => ({
  connection,
  connections: connections.filter((other) => other !== connection),
  rules: [...rules, 'translation.moved'],
});
