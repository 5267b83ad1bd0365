/**
 * Tracking: a whole datagram meets the table of its zone.
 *
 * Its protocol says whether it is sane, lookup says which connection it belongs to, and the protocol again what it does
 * to that. A reply is remembered only after the protocol was asked, so the first reply is judged as if there were none.
 *
 * Source: nf_conntrack_in(), resolve_normal_ct(), nf_conntrack_handle_packet().
 */
import { match } from 'ts-pattern';
import { type Connection, connect } from './connection.ts';
import { lookup } from './lookup.ts';
import type { Inspection, Moment, Protocol } from './protocol.ts';
import type { RuleId } from './rules.ts';
import type { Label, Tracked } from './trace/outcome.ts';
import type { Ipv4, Opaque } from './trace/packet.ts';
import { UDP } from './trace/transport.ts';
import type { Tuple } from './tuple.ts';
import { inspectUdp, udp } from './udp.ts';
import type { Direction, Zone } from './zone.ts';

/** Confirmed connections, and the name of the next one that is made. */
export type Table = { readonly connections: readonly Connection[]; readonly nextLabel: Label };

export type Tracking = {
  readonly table: Table;
  readonly tracked: Tracked;
  readonly rules: readonly RuleId[];
  /** The connection that was made for this packet, which is not in the table yet. */
  readonly unconfirmed?: Connection;
};

/** Why nothing can be said of a packet, if nothing can. */
export const notTracked = ({ protocol }: Ipv4): string | undefined => (protocol === UDP ? undefined : 'only UDP is modelled yet');

/** Why nothing can be said of a command about such a connection, if nothing can. */
export const notControlled = (protocol: number): string | undefined => (protocol === UDP ? undefined : 'control is modelled for UDP only');

export const track = (table: Table, packet: Ipv4, zone: Zone | undefined, moment: Moment): Tracking =>
  match(packet.payload)
    .with({ kind: 'udp' }, (datagram) => meet(table, inspectUdp(packet, datagram), udp, datagram, zone, moment))
    .with({ kind: 'opaque' }, (bytes) => invalid(table, unreadable(bytes)))
    .with({ kind: 'tcp' }, { kind: 'icmp' }, () => {
      throw new RangeError('track: only UDP is modelled yet');
    })
    .exhaustive();

const unreadable = (_bytes: Opaque): RuleId => 'udp.short';

const invalid = (table: Table, ...rules: readonly RuleId[]): Tracking => ({ table, tracked: { state: 'invalid' }, rules });

/** A packet and what its protocol says of it. */
const meet = <Packet>(
  table: Table,
  { rule, tuple }: Inspection,
  protocol: Protocol<Packet>,
  packet: Packet,
  zone: Zone | undefined,
  moment: Moment,
): Tracking => {
  if (!tuple) return invalid(table, rule);
  const found = lookup(table.connections, tuple, zone);
  const before = [rule, found.rule];
  if (found.rule === 'lookup.nothing') return begin(table, tuple, protocol, packet, zone, moment, before);

  const { connection, direction } = found;
  const effect = protocol.follow(packet, connection, direction, moment);
  const rules = [...before, ...effect.rules];
  const others = (): Table => ({ ...table, connections: table.connections.filter((other) => other !== connection) });
  const state = found.rule === 'lookup.original-half' ? 'new' : 'established';
  return match(effect)
    .returnType<Tracking>()
    .with({ kind: 'tracked' }, (after) => ({
      table: changed(table, connection, answered(after.connection, direction)),
      tracked: seenAs(state, connection, direction),
      rules,
    }))
    .with({ kind: 'invalid' }, (after) => ({ ...invalid(after.connection ? changed(table, connection, after.connection) : table), rules }))
    .with({ kind: 'last' }, () => ({ table: others(), tracked: seenAs(state, connection, direction), rules }))
    .with({ kind: 'anew' }, () => begin(others(), tuple, protocol, packet, zone, moment, rules))
    .exhaustive();
};

/** The first packet of a flow makes a connection, which enters the table when the packet leaves. */
const begin = <Packet>(
  table: Table,
  tuple: Tuple,
  protocol: Protocol<Packet>,
  packet: Packet,
  zone: Zone | undefined,
  moment: Moment,
  before: readonly RuleId[],
): Tracking => {
  const effect = protocol.open(packet, connect(table.nextLabel, tuple, zone, moment.nowMs), moment);
  const rules = [...before, ...effect.rules];
  if (effect.kind !== 'tracked') return { ...invalid(table), rules };
  return {
    table: { ...table, nextLabel: table.nextLabel + 1 },
    tracked: seenAs('new', effect.connection, 'original'),
    rules,
    unconfirmed: effect.connection,
  };
};

const changed = (table: Table, before: Connection, after: Connection): Table => ({
  ...table,
  connections: table.connections.map((connection) => (connection === before ? after : connection)),
});

const answered = (connection: Connection, direction: Direction): Connection =>
  direction === 'reply' && !connection.seenReply ? { ...connection, seenReply: true } : connection;

const seenAs = (state: 'new' | 'established', connection: Connection, direction: Direction): Tracked => ({
  state,
  zone: connection.zone?.id ?? 0,
  direction,
  connection: connection.label,
});
