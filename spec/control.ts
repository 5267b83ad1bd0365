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
import { type Evict, makeRoom, type Room } from './counting.ts';
import { eraOf, knows, SINCE_4_3, UNTIL_4_3 } from './era.ts';
import { icmpTypes } from './icmp-types.ts';
import { lookup } from './lookup.ts';
import type { Rules } from './rule.ts';
import { NOTHING } from './sctp/association.ts';
import { ALL_ZEROS, type Side, SILENT } from './tcp/history.ts';
import type { Control, Protoinfo, TcpSide } from './trace/event.ts';
import type { Network } from './trace/network.ts';
import { type Listed, MOST_SECONDS, type Refusal, type Told } from './trace/outcome.ts';
import type { Table } from './tracking.ts';
import { GRE, SCTP, TCP, UDP, UDP_LITE } from './trace/transport.ts';
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
  'control.two-versions': {
    sentence: 'Nor has a connection addresses of two versions of IP: whatever names some of each is invalid.',
    source: 'ctnetlink_parse_tuple_ip(): one family a message; EINVAL',
  },
  'control.no-ports': {
    sentence: 'What a tuple says of ports means nothing where its protocol has none.',
    source: 'nf_conntrack_l4proto_generic, without nlattr_to_tuple',
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
  'control.protoinfo': {
    sentence: "What is said of the protocol's state is what it finds; of anything else it knows nothing, and the first packet of each side says where that is.",
    source: 'nlattr_to_tcp(), nlattr_to_sctp()',
  },
  'control.protoinfo-of-another': {
    sentence: 'What is said of the state of another protocol means nothing.',
    source: 'ctnetlink_change_protoinfo(), from_nlattr of the own protocol only',
  },
  'control.resize': {
    sentence: 'A table of another size holds the same connections.',
    source: 'nf_conntrack_hash_resize()',
  },
} as const satisfies Rules;

type ControlRule = keyof typeof controlRules;

type Controlled = {
  readonly table: Table;
  readonly told: Told;
  readonly rules: readonly (ControlRule | Room['rules'][number])[];
  /** What ended for the sake of a connection that was to be created. */
  readonly evicted?: readonly Connection[];
};

/** What a command does to the table of living connections, and what it is told. */
export const control = (table: Table, event: Control, nowMs: number, network: Network, evict?: Evict): Controlled => {
  const era = eraOf(network);
  if ((event.command === 'flush' || event.command === 'dump') && event.zone !== undefined && !knows(era, 'linux-6.8')) {
    return because('control.filter-ignored', obey(table, { kind: event.kind, id: event.id, command: event.command }, nowMs, network, evict));
  }
  if ('tuple' in event || 'original' in event) {
    if (era === 'rfc-2010' && (event.zone !== undefined || event.besides !== undefined)) {
      const { zone: _, besides: __, ...others } = event;
      return because('control.no-zones', obey(table, others, nowMs, network, evict));
    }
  }
  return inOneZone(table, event, nowMs, network, evict);
};

const because = (rule: ControlRule, controlled: Controlled): Controlled => ({ ...controlled, rules: [rule, ...controlled.rules] });

const inOneZone = (table: Table, event: Control, nowMs: number, network: Network, evict?: Evict): Controlled => {
  if (!('besides' in event) || event.besides === undefined) return obey(table, event, nowMs, network, evict);
  const { besides, ...others } = event;
  const zone = event.zone ? zoneOfTwo(event.zone, besides) : besides;
  if (!zone) return refused(table, 'invalid', ['control.two-zones']);
  const controlled = obey(table, { ...others, zone }, nowMs, network, evict);
  return event.zone ? because('control.zone-0-gives-way', controlled) : controlled;
};

/** What is said for both directions is read first, then what is said beside each tuple. */
const zoneOfTwo = (one: Zone, other: Zone): Zone | undefined => {
  const [first, second] = ORDER.indexOf(one.counts) <= ORDER.indexOf(other.counts) ? [one, other] : [other, one];
  return first.id === DEFAULT_ZONE ? second : undefined;
};

const ORDER: readonly Zone['counts'][] = ['both', 'original', 'reply'];

const obey = (table: Table, event: Control, nowMs: number, network: Network, evict?: Evict): Controlled =>
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
    .with({ command: P.union('get', 'delete') }, ({ command, tuple, zone }) => {
      const { rules, problem, tuples: [asked = tuple] } = heard(tuple);
      if (problem) return refused(table, 'invalid', [problem]);
      const connection = named(table, asked, zone, network);
      if (!connection) return refused(table, 'missing', [...rules, 'control.missing']);
      const found = [...rules, 'control.found'] as const;
      if (command === 'get') return { table, told: { kind: 'list', connections: [listed(connection, nowMs)] }, rules: found };
      const connections = table.connections.filter((other) => other !== connection);
      return { table: { ...table, connections }, told: DONE, rules: [...found, 'control.deleted'] };
    })
    .with({ command: 'create' }, (creation) => create(table, creation, nowMs, network, evict))
    .with({ command: 'resize' }, () => ({ table, told: DONE, rules: ['control.resize'] }))
    .exhaustive();

type Creation = Extract<Control, { command: 'create' }>;

const create = (table: Table, creation: Creation, nowMs: number, network: Network, evict: Evict | undefined): Controlled => {
  const { original: first, reply: second, zone } = creation;
  const { rules, problem, tuples: [original = first, reply = second] } = heard(first, second);
  if (problem) return refused(table, 'invalid', [problem]);
  if (named(table, original, zone, network)) return refused(table, 'exists', [...rules, 'control.exists']);
  if (original.protocol !== reply.protocol) return refused(table, 'invalid', [...rules, 'control.two-protocols']);
  const room = makeRoom(table.connections, network, evict);
  if (!room.isThere) return refused(table, 'memory', [...rules, ...room.rules]);
  return { ...createHere({ ...table, connections: room.connections }, { ...creation, original, reply }, nowMs, network, [...rules, ...room.rules]), ...(room.evicted && { evicted: room.evicted }) };
};

/** There is room, and the tuples are as they are understood. */
const createHere = (table: Table, { original, reply, zone, timeoutMs, protoinfo }: Creation, nowMs: number, network: Network, rules: Controlled['rules']): Controlled => {
  if (extend(table.connections, zone, network)[0] === 'connection.no-memory') return refused(table, 'memory', [...rules, 'control.no-memory']);
  const memory = protoinfo ? remembered(original.protocol, protoinfo) : undefined;
  const made: Connection = { ...connect(table.nextLabel, original, reply, zone, nowMs), expiresMs: nowMs + timeoutMs, byControl: true, ...memory?.state };
  if (table.connections.some((other) => clash(other, made, eraOf(network)))) return refused(table, 'exists', [...rules, 'control.exists']);
  return {
    table: { connections: [...table.connections, made], nextLabel: table.nextLabel + 1 },
    told: DONE,
    rules: [...rules, 'control.created', ...(memory ? [memory.rule] : [])],
  };
};

type Heard = { readonly rules: readonly ControlRule[]; readonly problem?: ControlRule; readonly tuples: readonly Tuple[] };

/** What a command says of tuples, as it is understood; or why it cannot be. */
const heard = (...said: readonly Tuple[]): Heard => {
  const versions = new Set(said.flatMap(({ source, destination }) => [isIpv6(source), isIpv6(destination)]));
  if (versions.size > 1) return { rules: [], problem: 'control.two-versions', tuples: said };
  if (said.some((tuple) => inverse(tuple) === undefined)) return { rules: [], problem: 'control.no-connection', tuples: said };
  const tuples = said.map((tuple) => (hasPorts(tuple) ? tuple : { ...tuple, sourcePort: 0, destinationPort: 0 }));
  return { rules: said.every(hasPorts) ? [] : ['control.no-ports'], tuples };
};

const WITH_PORTS: ReadonlySet<number> = new Set([TCP, UDP, UDP_LITE, SCTP, GRE]);

/** Or what stands for them. */
const hasPorts = ({ protocol }: Tuple): boolean => WITH_PORTS.has(protocol) || icmpTypes.has(protocol);

type Memory = { readonly rule: ControlRule; readonly state: Pick<Connection, 'tcp' | 'sctp'> };

const remembered = (protocol: number, protoinfo: Protoinfo): Memory =>
  match(protoinfo)
    .returnType<Memory>()
    .with({ kind: 'tcp' }, ({ state, original, reply }) => {
      if (protocol !== TCP) return OF_ANOTHER;
      const scale = original.scale !== undefined && reply.scale !== undefined;
      return { rule: 'control.protoinfo', state: { tcp: { ...ALL_ZEROS, state, original: sideOf(original, scale), reply: sideOf(reply, scale) } } };
    })
    .with({ kind: 'sctp' }, ({ state, tags }) => (protocol === SCTP ? { rule: 'control.protoinfo', state: { sctp: { ...NOTHING, state, tags } } } : OF_ANOTHER))
    .exhaustive();

const OF_ANOTHER: Memory = { rule: 'control.protoinfo-of-another', state: {} };

const sideOf = ({ scale, ...said }: TcpSide, bothScale: boolean): Side => ({
  ...SILENT,
  ...said,
  scales: scale !== undefined,
  scale: bothScale ? (scale ?? 0) : 0,
});

const DONE: Told = { kind: 'done' };

const refused = (table: Table, why: Refusal, rules: Controlled['rules']): Controlled => ({
  table,
  told: { kind: 'refused', why },
  rules,
});

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
