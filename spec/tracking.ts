/**
 * Tracking: a whole datagram meets the table of its zone.
 *
 * Its protocol says whether it is sane, lookup says which connection it belongs to, and the protocol again what it does
 * to that. A reply is remembered only after the protocol was asked, so the first reply is judged as if there were none.
 *
 * Source: nf_conntrack_in(), resolve_normal_ct(), nf_conntrack_handle_packet().
 */
import { match } from 'ts-pattern';
import { type Connection, connect, extend } from './connection.ts';
import { makeRoom } from './counting.ts';
import { asTracked } from './extensions.ts';
import { generic, inspectGeneric } from './generic.ts';
import { gre, inspectGre } from './gre.ts';
import { icmp, inspectIcmp, isRedirect } from './icmp.ts';
import { eraOf } from './era.ts';
import { expectingNothing, helpFor, masterOf } from './expectations.ts';
import { type Lookup, lookup, lookupOrder } from './lookup.ts';
import type { Inspection, Moment, Protocol } from './protocol.ts';
import { readQuote } from './quote.ts';
import { relate } from './related.ts';
import type { Rules } from './rule.ts';
import type { RuleId } from './rules.ts';
import { inspectSctp, sctp } from './sctp.ts';
import type { Helper } from './trace/network.ts';
import type { Label, Tracked } from './trace/outcome.ts';
import { inspectTcp, noSegment } from './tcp/segment.ts';
import { tcp } from './tcp.ts';
import { type Ip, lengthOf, numberAt, type Opaque } from './trace/packet.ts';
import { GRE, ICMP, ICMPV6, type Icmp, SCTP, type Tcp, TCP, UDP, UDP_LITE } from './trace/transport.ts';
import { inverse, type Tuple, tupleOf } from './tuple.ts';
import { inspectUdpLite, udpLite } from './udp-lite.ts';
import { inspectUdp, udp } from './udp.ts';
import type { Direction, Zone } from './zone.ts';

export const trackingRules = {
  'tracking.fragment': {
    sentence: 'A fragment of IPv4 that nobody put together is tracked for what it is: behind the first it is invalid.',
    source: 'ipv4_get_l4proto(), IP_OFFSET',
  },
} as const satisfies Rules;

/** Confirmed connections, and the name of the next one that is made. */
export type Table = { readonly connections: readonly Connection[]; readonly nextLabel: Label };

export type Tracking = {
  readonly table: Table;
  /** Absent if tracking dropped the packet. */
  readonly tracked?: Tracked;
  readonly rules: readonly RuleId[];
  /** What the packet belongs to, as that is now. */
  readonly connection?: Connection;
  /** It was made for this packet, and is not in the table yet. */
  readonly unconfirmed?: true;
  /** What ended for its sake, and is in the table no more. */
  readonly evicted?: readonly Connection[];
};

/** Why nothing can be said of a packet, if nothing can. */
export const notTracked = (packet: Ip): string | undefined => {
  const read = packet.kind === 'ipv6' ? asTracked(packet) : undefined;
  return read?.payload.kind === 'icmp' && isRedirect(read, read.payload) ? 'ICMPv6 redirects between neighbours are not modelled' : undefined;
};

/** Where and when a packet is tracked, and what helps connections that begin there. */
export type Around = { readonly table: Table; readonly zone: Zone | undefined; readonly moment: Moment; readonly helper?: Helper };

/** A packet that names a flow, as its protocol reads it, and what has decided so far. */
type Encounter<Packet> = Around & {
  readonly protocol: Protocol<Packet>;
  readonly packet: Packet;
  readonly tuple: Tuple;
  readonly rules: readonly RuleId[];
};

export const track = (around: Around, packet: Ip): Tracking => {
  const readable = asTracked(packet);
  if (readable) return trackProtocol(around, readable);
  return invalid(around.table, packet.kind === 'ipv4' ? 'tracking.fragment' : 'extensions.no-protocol');
};

const trackProtocol = (around: Around, packet: Ip): Tracking => {
  const { payload } = packet;
  if (payload.kind === 'udp') return meet(around, inspectUdp(packet, payload), udp, payload);
  if (payload.kind === 'tcp') return meetTcp(around, packet, payload);
  if (payload.kind === 'icmp') return meetIcmp(around, packet, payload);
  if (payload.kind === 'udp-lite') return meet(around, inspectUdpLite(packet, payload, around.moment.profile), udpLite, payload);
  return payload.kind === 'sctp' ? meet(around, inspectSctp(packet, payload), sctp, payload) : trackOpaque(around, packet, payload);
};

/** What no transport is read from: less than its header, or of a protocol that is tracked by bytes or by addresses alone. */
const trackOpaque = (around: Around, packet: Ip, opaque: Opaque): Tracking => {
  const { table } = around;
  return match(packet.protocol)
    .with(UDP, () => invalid(table, 'udp.short'))
    .with(TCP, () => meetInVain(around, startOfTcp(packet, opaque), noSegment(opaque)))
    .with(packet.kind === 'ipv4' ? ICMP : ICMPV6, () => invalid(table, 'icmp.short'))
    .with(UDP_LITE, () => invalid(table, 'udp-lite.short'))
    .with(SCTP, () => invalid(table, 'sctp.short'))
    .with(GRE, () => meet(around, inspectGre(packet, opaque.bytes), gre, opaque.bytes))
    .otherwise(() => meet(around, inspectGeneric(packet), generic, opaque.bytes));
};

/** A query or an answer is a packet like others; an error belongs to another packet's connection, or to none. */
const meetIcmp = (around: Around, packet: Ip, message: Icmp): Tracking => {
  const { table, zone, moment } = around;
  const inspection = inspectIcmp(packet, message);
  if (inspection.rule === 'icmp.neighbours') return { table, tracked: { state: 'untracked' }, rules: [inspection.rule] };
  if (inspection.rule !== 'icmp.error') return meet(around, inspection, icmp, message);
  const relation = relate(table.connections, readQuote(packet, message.payload), packet.destination, zone, eraOf(moment.network));
  const rules = [inspection.rule, ...relation.rules];
  if (!relation.found) return invalid(table, ...rules);
  const { connection, direction } = relation.found;
  return { table, tracked: seenAs('related', connection, direction), rules, connection };
};

const meetTcp = (around: Around, packet: Ip, segment: Tcp): Tracking => {
  const inspection = inspectTcp(packet, segment);
  return inspection.tuple ? meet(around, inspection, tcp, segment) : meetInVain(around, tupleOf(packet, segment), inspection.rule);
};

/** The tuple of what is less than a segment, as far as it goes. */
const startOfTcp = (packet: Ip, { bytes }: Opaque): Tuple | undefined =>
  lengthOf(bytes) < 4 ? undefined : tupleOf(packet, { sourcePort: numberAt(bytes, 0, 2), destinationPort: numberAt(bytes, 2, 2) });

/** TCP that is invalid by itself, after it was looked up like any other. */
const meetInVain = ({ table, zone, moment }: Around, tuple: Tuple | undefined, rule: RuleId): Tracking => {
  const reply = tuple && inverse(tuple);
  if (!reply || lookup(table.connections, tuple, zone, eraOf(moment.network)).rule !== 'lookup.nothing') return invalid(table, rule);
  const master = masterOf(table.connections, connect(table.nextLabel, tuple, reply, zone, moment.nowMs));
  return master ? invalid(changed(table, master, expectingNothing(master)), rule, 'expectation.met-in-vain') : invalid(table, rule);
};

const invalid = (table: Table, ...rules: readonly RuleId[]): Tracking => ({ table, tracked: { state: 'invalid' }, rules });

/** A packet and what its protocol says of it. */
const meet = <Packet>(around: Around, { rule, tuple }: Inspection, protocol: Protocol<Packet>, packet: Packet): Tracking =>
  tuple ? follow({ protocol, packet, tuple, rules: [rule], ...around }) : invalid(around.table, rule);

/** A packet that names a flow is looked up, and perhaps once more. */
const follow = <Packet>(encounter: Encounter<Packet>): Tracking => {
  const { table, zone, moment, protocol, packet, tuple } = encounter;
  const era = eraOf(moment.network);
  const found = lookup(table.connections, tuple, zone, era);
  const before = [...encounter.rules, ...lookupOrder(zone, era), found.rule];
  if (found.rule === 'lookup.nothing') return begin({ ...encounter, rules: before });

  const { connection, direction } = found;
  const effect = protocol.follow(packet, connection, direction, moment);
  const rules = [...before, ...effect.rules];
  const others = (): Table => ({ ...table, connections: table.connections.filter((other) => other !== connection) });
  const state = STATES[found.rule];
  return match(effect)
    .returnType<Tracking>()
    .with({ kind: 'tracked' }, (after) => {
      const now = answered(after.connection, direction);
      return { table: changed(table, connection, now), tracked: seenAs(state, connection, direction), rules, connection: now };
    })
    .with({ kind: 'invalid' }, (after) => ({ ...invalid(after.connection ? changed(table, connection, after.connection) : table), rules }))
    .with({ kind: 'last' }, () => ({ table: others(), tracked: seenAs(state, connection, direction), rules, connection }))
    .with({ kind: 'anew' }, () => follow({ ...encounter, table: others(), rules }))
    .exhaustive();
};

const STATES = {
  'lookup.reply-half': 'established',
  'lookup.original-half-answered': 'established',
  'lookup.original-half-expected': 'related',
  'lookup.original-half': 'new',
} as const satisfies Record<Exclude<Lookup['rule'], 'lookup.nothing'>, string>;

/** The first packet of a flow makes a connection, which enters the table when the packet leaves. */
const begin = <Packet>({ table, zone, moment, helper, protocol, packet, tuple, rules: before }: Encounter<Packet>): Tracking => {
  const reply = inverse(tuple);
  if (!reply) return invalid(table, ...before, 'connection.no-inverse');
  const room = makeRoom(table.connections, moment.network, moment.evict);
  if (!room.isThere) return { table, rules: [...before, ...room.rules] };
  const left = { table: { ...table, connections: room.connections }, ...(room.evicted && { evicted: room.evicted }) };
  const memory = extend(room.connections, zone, moment.network);
  if (memory[0] === 'connection.no-memory') return { rules: [...before, ...room.rules, ...memory], ...left };
  const connection = connect(table.nextLabel, tuple, reply, zone, moment.nowMs);
  const master = masterOf(room.connections, connection);
  const help = helpFor(tuple, helper);
  const effect = protocol.open(packet, { ...connection, ...(master && { expected: true }), ...(help && { help }) }, moment);
  const rules = [...before, ...room.rules, ...memory, ...(master ? (['expectation.met'] as const) : []), ...effect.rules];
  const after = { ...left, table: master ? changed(left.table, master, expectingNothing(master)) : left.table };
  if (effect.kind !== 'tracked') return { ...invalid(after.table), ...after, rules };
  return {
    tracked: seenAs(master ? 'related' : 'new', effect.connection, 'original'),
    rules: [...rules, ...(help ? (['expectation.helper'] as const) : [])],
    connection: effect.connection,
    unconfirmed: true,
    ...after,
    table: { ...after.table, nextLabel: table.nextLabel + 1 },
  };
};

const changed = (table: Table, before: Connection, after: Connection): Table => ({
  ...table,
  connections: table.connections.map((connection) => (connection === before ? after : connection)),
});

const answered = (connection: Connection, direction: Direction): Connection =>
  direction === 'reply' && !connection.seenReply ? { ...connection, seenReply: true } : connection;

const seenAs = (state: 'new' | 'established' | 'related', connection: Connection, direction: Direction): Tracked => ({
  state,
  zone: connection.zone?.id ?? 0,
  direction,
  connection: connection.label,
});
