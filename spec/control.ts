/**
 * Control: the table read and changed by hand, past all packets.
 *
 * Whoever lists or flushes gives a zone's id, which is compared with the id that connections have; whoever gives a tuple
 * asks as a packet does, so spec/lookup.ts answers. Fragments that wait belong to no connection: nothing here touches
 * them.
 *
 * Source: nf_conntrack_netlink.c.
 */
import { match, P } from 'ts-pattern';
import { clash } from './confirmation.ts';
import { connect, type Connection, extend } from './connection.ts';
import { eraOf, knows, SINCE_4_3, UNTIL_4_3 } from './era.ts';
import { lookup } from './lookup.ts';
import type { Rules } from './rule.ts';
import type { Control } from './trace/event.ts';
import type { Network } from './trace/network.ts';
import { type Listed, MOST_SECONDS, type Refusal, type Told } from './trace/outcome.ts';
import type { Table } from './tracking.ts';
import { ICMP, TCP, UDP } from './trace/transport.ts';
import { inverse, type Tuple } from './tuple.ts';
import { isIpv6 } from './wire/address.ts';
import { DEFAULT_ZONE, type Zone, type ZoneId } from './zone.ts';

export const controlRules = {
  'control.flush-all': {
    sentence: 'A flush that names no zone ends every connection.',
    source: 'ctnetlink_flush_conntrack()',
  },
  'control.flush-zone': {
    sentence: 'A flush that names a zone, be it zone 0, ends the connections of that id and no others.',
    source: 'ctnetlink_filter_match(), nf_ct_zone_equal_any(); since Linux 6.8',
    eras: ['linux-6.8'],
  },
  'control.dump': {
    sentence: 'A dump lists all connections that are confirmed and not expired, or those of the id that it names.',
    source: 'ctnetlink_dump_table()',
  },
  'control.found': {
    sentence: 'A tuple names the connection of which a half answers it in its zone, whichever half.',
    source: 'ctnetlink_get_conntrack(), nf_conntrack_find_get()',
  },
  'control.missing': {
    sentence: 'A tuple that no half of its zone answers is missing, whatever is in other zones.',
    source: 'nf_conntrack_find_get(), ENOENT',
  },
  'control.deleted': {
    sentence: 'To delete a tuple ends the connection that it names.',
    source: 'ctnetlink_del_conntrack()',
  },
  'control.created': {
    sentence: 'A connection is created confirmed, for as long as is said; it saw no reply, and no packet at all.',
    source: 'ctnetlink_create_conntrack()',
  },
  'control.exists': {
    sentence: 'Where either tuple has an owner in the zone, nothing is created.',
    source: 'ctnetlink_new_conntrack(), nf_conntrack_hash_check_insert(), EEXIST',
  },
  'control.no-connection': {
    sentence: "A tuple that no answer fits, as of an ICMP error, is no connection's: it is invalid.",
    source: 'icmp_nlattr_to_tuple(), EINVAL',
  },
  'control.two-protocols': {
    sentence: 'A connection has one protocol, so two tuples of different ones are invalid, unless the original exists.',
    source: 'ctnetlink_new_conntrack(), EINVAL',
  },
  'control.filter-ignored': {
    sentence: 'A zone that a flush or a dump names is not looked at: it is about all connections.',
    source: 'ctnetlink_flush_conntrack(), ctnetlink_dump_table(), before Linux 6.8',
    eras: UNTIL_4_3,
  },
  'control.no-zones': {
    sentence: 'A command that names a tuple knows of no zones: it is about zone 0.',
    source: 'the RFC: "ctnetlink and xt_connlimit are missing"',
    eras: ['rfc-2010'],
  },
  'control.no-memory': {
    sentence: 'Nothing is created where there is no memory for the extension with its zone.',
    source: 'ctnetlink_create_conntrack(), ENOMEM; before Linux 4.8',
    eras: ['linux-2010', 'linux-4.3'],
  },
  'control.two-zones': {
    sentence: 'A command is about one zone: where one other than 0 is said, to say one for a direction as well is invalid, be it 0.',
    source: 'ctnetlink_parse_tuple_zone(), EINVAL',
    eras: SINCE_4_3,
  },
  'control.zone-0-gives-way': {
    sentence: 'Zone 0 gives way to a zone that is said for a direction as well.',
    source: 'ctnetlink_parse_tuple_zone(), NF_CT_DEFAULT_ZONE_ID',
    eras: SINCE_4_3,
  },
  'control.resize': {
    sentence: 'A table of another size holds the same connections.',
    source: 'nf_conntrack_hash_resize()',
  },
} as const satisfies Rules;

/** Protocols of which control may make a connection: others begin in a state that no packet leads to. */
export const CREATED: ReadonlySet<number> = new Set([ICMP, UDP]);

const LISTED: ReadonlySet<number> = new Set([ICMP, TCP, UDP]);

/** Why nothing is said of a connection with this tuple, if nothing is. */
export const notListed = (tuple: Tuple): string | undefined =>
  LISTED.has(tuple.protocol) ? overIpv6(tuple) : 'control speaks of UDP, TCP and ICMP connections only, as yet';

/** Why nothing is said of a connection that is created with this tuple, if nothing is. */
export const notCreated = (tuple: Tuple): string | undefined =>
  CREATED.has(tuple.protocol) ? overIpv6(tuple) : 'only UDP and ICMP connections are created by control yet';

/** The same of all that a command may do. */
export const overIpv6 = ({ source, destination }: Tuple): string | undefined =>
  isIpv6(source) || isIpv6(destination) ? 'control over IPv6 is not modelled yet' : undefined;

type Controlled = { readonly table: Table; readonly told: Told; readonly rules: readonly (keyof typeof controlRules)[] };

/** What a command does to the table of living connections, and what it is told. */
export const control = (table: Table, event: Control, nowMs: number, network: Network): Controlled => {
  const era = eraOf(network);
  if ((event.command === 'flush' || event.command === 'dump') && event.zone !== undefined && !knows(era, 'linux-6.8')) {
    return because('control.filter-ignored', obey(table, { kind: event.kind, id: event.id, command: event.command }, nowMs, network));
  }
  if ('tuple' in event || 'original' in event) {
    if (era === 'rfc-2010' && (event.zone !== undefined || event.besides !== undefined)) {
      const { zone: _, besides: __, ...others } = event;
      return because('control.no-zones', obey(table, others, nowMs, network));
    }
  }
  return inOneZone(table, event, nowMs, network);
};

const because = (rule: keyof typeof controlRules, controlled: Controlled): Controlled => ({ ...controlled, rules: [rule, ...controlled.rules] });

const inOneZone = (table: Table, event: Control, nowMs: number, network: Network): Controlled => {
  if (!('besides' in event) || event.besides === undefined) return obey(table, event, nowMs, network);
  const { besides, ...others } = event;
  const zone = event.zone ? zoneOfTwo(event.zone, besides) : besides;
  if (!zone) return refused(table, 'invalid', 'control.two-zones');
  const controlled = obey(table, { ...others, zone }, nowMs, network);
  return event.zone ? because('control.zone-0-gives-way', controlled) : controlled;
};

/** What is said for both directions is read first, then what is said beside each tuple. */
const zoneOfTwo = (one: Zone, other: Zone): Zone | undefined => {
  const [first, second] = ORDER.indexOf(one.counts) <= ORDER.indexOf(other.counts) ? [one, other] : [other, one];
  return first.id === DEFAULT_ZONE ? second : undefined;
};

const ORDER: readonly Zone['counts'][] = ['both', 'original', 'reply'];

const obey = (table: Table, event: Control, nowMs: number, network: Network): Controlled =>
  match(event)
    .returnType<Controlled>()
    .with({ command: 'flush' }, ({ zone }) => ({
      table: { ...table, connections: zone === undefined ? [] : table.connections.filter((connection) => !isIn(zone, connection)) },
      told: DONE,
      rules: [zone === undefined ? 'control.flush-all' : 'control.flush-zone'],
    }))
    .with({ command: 'dump' }, ({ zone }) => {
      const chosen = zone === undefined ? table.connections : table.connections.filter((connection) => isIn(zone, connection));
      return { table, told: { kind: 'list', connections: chosen.map((connection) => listed(connection, nowMs)) }, rules: ['control.dump'] };
    })
    .with({ command: P.union('get', 'delete'), tuple: P.when(isNobodys) }, () => refused(table, 'invalid', 'control.no-connection'))
    .with({ command: 'get' }, ({ tuple, zone }) => {
      const connection = named(table, tuple, zone, network);
      return connection ? { table, told: { kind: 'list', connections: [listed(connection, nowMs)] }, rules: ['control.found'] } : missing(table);
    })
    .with({ command: 'delete' }, ({ tuple, zone }) => {
      const connection = named(table, tuple, zone, network);
      if (!connection) return missing(table);
      const connections = table.connections.filter((other) => other !== connection);
      return { table: { ...table, connections }, told: DONE, rules: ['control.found', 'control.deleted'] };
    })
    .with({ command: 'create' }, ({ original, reply, zone, timeoutMs }) => {
      if (isNobodys(original) || isNobodys(reply)) return refused(table, 'invalid', 'control.no-connection');
      if (named(table, original, zone, network)) return refused(table, 'exists', 'control.exists');
      if (original.protocol !== reply.protocol) return refused(table, 'invalid', 'control.two-protocols');
      if (extend(table.connections, zone, network)[0] === 'connection.no-memory') return refused(table, 'memory', 'control.no-memory');
      const made = connect(table.nextLabel, original, reply, zone, nowMs);
      if (table.connections.some((other) => clash(other, made, eraOf(network)))) return refused(table, 'exists', 'control.exists');
      const connection: Connection = { ...made, expiresMs: nowMs + timeoutMs, byControl: true };
      return { table: { connections: [...table.connections, connection], nextLabel: table.nextLabel + 1 }, told: DONE, rules: ['control.created'] };
    })
    .with({ command: 'resize' }, () => ({ table, told: DONE, rules: ['control.resize'] }))
    .exhaustive();

const DONE: Told = { kind: 'done' };

const refused = (table: Table, why: Refusal, rule: keyof typeof controlRules): Controlled => ({
  table,
  told: { kind: 'refused', why },
  rules: [rule],
});

const missing = (table: Table): Controlled => refused(table, 'missing', 'control.missing');

const isNobodys = (tuple: Tuple): boolean => inverse(tuple) === undefined;

/** The connection that a tuple names in a zone. */
const named = (table: Table, tuple: Tuple, zone: Zone | undefined, network: Network): Connection | undefined => {
  const found = lookup(table.connections, tuple, zone, eraOf(network));
  return found.rule === 'lookup.nothing' ? undefined : found.connection;
};

const idOf = (connection: Connection): ZoneId => connection.zone?.id ?? DEFAULT_ZONE;

const isIn = (zone: ZoneId, connection: Connection): boolean => idOf(connection) === zone;

const listed = (connection: Connection, nowMs: number): Listed => ({
  connection: connection.label,
  zone: idOf(connection),
  ...(connection.zone && connection.zone.id !== DEFAULT_ZONE && connection.zone.counts !== 'both' && { counts: connection.zone.counts }),
  original: connection.original,
  reply: connection.reply,
  seenReply: connection.seenReply,
  assured: connection.assured ?? false,
  confirmed: true,
  seconds: Math.min(MOST_SECONDS, Math.floor((connection.expiresMs - nowMs) / 1000)),
});
