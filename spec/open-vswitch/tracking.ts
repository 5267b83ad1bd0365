/**
 * Open vSwitch: a whole packet meets the table of its zone.
 *
 * It knows UDP, TCP (tcp.ts) and echoes, timestamps and information requests by what they carry; everything else is one flow
 * for each pair of hosts and protocol, whatever it carries.
 *
 * Source: conn_key_extract(), process_one() in lib/conntrack.c; lib/conntrack-other.c, lib/conntrack-icmp.c.
 */
import { match } from 'ts-pattern';
import { connect, type Connection } from '../connection.ts';
import type { Rules } from '../rule.ts';
import { carried, type Ip, lengthOf, numberAt } from '../trace/packet.ts';
import { ICMP, ICMPV6, type Icmp, TCP, type Tcp, type Udp, UDP } from '../trace/transport.ts';
import type { Tracked } from '../trace/outcome.ts';
import type { Table } from '../tracking.ts';
import { icmpPorts, sameTuple, type Tuple, tupleOf } from '../tuple.ts';
import type { Zone, ZoneId } from '../zone.ts';
import { DEFAULT_ZONE } from '../zone.ts';
import { answerTo, OVS_ICMP } from './answers.ts';
import { readOvsQuote } from './quote.ts';
import { followTcp, hasSoundFlags, openTcp, ovsTcpRules, type Peers, TCP_FIRST_MS } from './tcp.ts';

const under = { datapath: 'open-vswitch' } as const;

export const ovsTrackingRules = {
  ...ovsTcpRules,
  'ovs.udp-unsound': {
    sentence: 'UDP that is too short, of an impossible length, or with a wrong checksum is invalid; over IPv6 so is one without.',
    source: 'check_l4_udp()',
    under,
  },
  'ovs.port-zero': {
    sentence: 'UDP and TCP from or to port 0 are invalid.',
    source: 'extract_l4_udp(), extract_l4_tcp()',
    under,
  },
  'ovs.icmp-unsound': {
    sentence: 'ICMP that is too short or has a wrong checksum is invalid; so is 0, which other trackers accept, as the checksum of zeros.',
    source: 'check_l4_icmp(), check_l4_icmp6()',
    under,
  },
  'ovs.icmp-unknown': {
    sentence: 'ICMP other than echo, timestamp, information and errors is invalid, and so is a query with a code; of ICMPv6 only echo and errors are known.',
    source: 'extract_l4_icmp(), extract_l4_icmp6()',
    under,
  },
  'ovs.icmp-no-request': {
    sentence: 'An answer that nobody asked for is invalid.',
    source: 'icmp4_valid_new(), icmp6_valid_new()',
    under,
  },
  'ovs.icmp-of-the-other': {
    sentence: "Of the other version's ICMP nothing but the first byte is read: a flow begins with what would be a request.",
    source: 'icmp4_valid_new(), icmp6_valid_new(); l4_protos[] by protocol number',
    under,
  },
  'ovs.new': {
    sentence: 'Any other packet without a connection makes one, which is committed in the same pass, and is new.',
    source: 'conn_not_found(); ct(commit)',
    under,
  },
  'ovs.unreplied': {
    sentence: 'A packet in original direction is new as long as no reply was seen, and gives its connection 60 seconds.',
    source: 'other_conn_update(), icmp_conn_update(); CT_UPDATE_VALID_NEW',
    under,
  },
  'ovs.replied': {
    sentence: 'From the first reply on packets are established, and each gives its connection 30 seconds.',
    source: 'OTHERS_BIDIR, ICMPS_REPLY',
    under,
  },
  'ovs.related': {
    sentence: 'An error belongs to the connection of what it quotes if that was sent by whom the error is for; else it is invalid.',
    source: 'extract_l4_icmp(), conn_update_state()',
    under,
  },
} as const satisfies Rules;

type OvsRule = keyof typeof ovsTrackingRules;

export type OvsTracking =
  | { readonly table: Table; readonly tracked: Tracked; readonly rule: OvsRule }
  | { readonly unknown: string };

const [FIRST_MS, REPLIED_MS] = [60_000, 30_000];

/** What a packet carries, as its tuple or as the tuple that an error is about; or why it has none. */
type Key = { readonly tuple: Tuple; readonly about?: 'an error'; /** What it may only follow on. */ readonly unlessNew?: OvsRule; readonly segment?: Tcp } | { readonly invalid: OvsRule } | { readonly unknown: string };

export const trackOvs = (table: Table, packet: Ip, zone: Zone | undefined, nowMs: number): OvsTracking => {
  const key = keyOf(packet);
  if ('unknown' in key) return key;
  if ('invalid' in key) return { table, tracked: { state: 'invalid' }, rule: key.invalid };
  const found = find(table.connections, key.tuple, zone?.id ?? DEFAULT_ZONE);
  if (key.about) {
    return { table, tracked: found ? seen('related', found.connection, found.direction) : { state: 'invalid' }, rule: 'ovs.related' };
  }
  const { segment } = key;
  if (found) return segment ? followSegment(table, found, segment, zone, nowMs) : follow(table, found, nowMs);
  return key.unlessNew ? { table, tracked: { state: 'invalid' }, rule: key.unlessNew } : begin(table, key.tuple, zone, nowMs, segment);
};

const keyOf = (packet: Ip): Key =>
  match(packet)
    .returnType<Key>()
    .with({ protocol: TCP, payload: { kind: 'tcp' } }, ({ payload }) => keyOfTcp(packet, payload))
    .with({ protocol: TCP }, () => ({ invalid: 'ovs.tcp-unsound' }))
    .with({ protocol: UDP, payload: { kind: 'udp' } }, ({ payload }) => keyOfUdp(packet, payload))
    .with({ protocol: UDP }, () => ({ invalid: 'ovs.udp-unsound' }))
    .with({ payload: { kind: 'icmp' } }, ({ payload }) => keyOfIcmp(packet, payload))
    .with({ kind: 'ipv4', protocol: ICMP }, { kind: 'ipv6', protocol: ICMPV6 }, () => ({ invalid: 'ovs.icmp-unsound' }))
    .with({ protocol: ICMP }, { protocol: ICMPV6 }, keyOfOtherIcmp)
    .otherwise(() => ({ tuple: flowOf(packet) }));

const flowOf = (packet: Ip): Tuple => tupleOf(packet, { sourcePort: 0, destinationPort: 0 });

/** ICMP in IPv6, or ICMPv6 in IPv4. */
const keyOfOtherIcmp = (packet: Ip): Key => {
  const bytes = carried(packet.payload);
  if (bytes === '') return { unknown: 'of ICMP without a byte Open vSwitch reads what lies behind it' };
  const { queries } = OVS_ICMP[packet.protocol === ICMP ? 'ipv4' : 'ipv6'];
  return { tuple: flowOf(packet), ...(queries.has(numberAt(bytes, 0, 1)) ? {} : { unlessNew: 'ovs.icmp-of-the-other' }) };
};

const keyOfUdp = (packet: Ip, udp: Udp): Key => {
  const { length, checksum, payload, sourcePort, destinationPort } = udp;
  const fits = length === 'right' || (length.claimed >= 8 && length.claimed <= 8 + lengthOf(payload));
  if (!fits || typeof checksum === 'object' || (checksum === 'none' && packet.kind === 'ipv6')) return { invalid: 'ovs.udp-unsound' };
  return sourcePort === 0 || destinationPort === 0 ? { invalid: 'ovs.port-zero' } : { tuple: tupleOf(packet, udp) };
};

const keyOfTcp = (packet: Ip, segment: Tcp): Key => {
  const { checksum, sourcePort, destinationPort, flags } = segment;
  if (typeof checksum === 'object') return { invalid: 'ovs.tcp-unsound' };
  if (sourcePort === 0 || destinationPort === 0) return { invalid: 'ovs.port-zero' };
  if (!hasSoundFlags(segment)) return { invalid: 'ovs.tcp-flags' };
  const isAnswer = flags.includes('S') && flags.includes('A');
  return { tuple: tupleOf(packet, segment), segment, ...(isAnswer ? { unlessNew: 'ovs.tcp-no-beginning' } : {}) };
};

/** All of it is 0, the checksum too. */
const isNothing = ({ type, code, checksum, identifier, sequence, payload }: Icmp): boolean =>
  checksum === 'right' && type + code + identifier + sequence === 0 && /^0*$/.test(payload);

const keyOfIcmp = (packet: Ip, message: Icmp): Key => {
  if (typeof message.checksum === 'object' || isNothing(message)) return { invalid: 'ovs.icmp-unsound' };
  const { queries, errors } = OVS_ICMP[packet.kind];
  const { type, code } = message;
  if (errors.has(type)) {
    const quote = readOvsQuote(packet, message.payload);
    return quote.kind === 'tuple' ? { tuple: quote.answer, about: 'an error' } : { invalid: 'ovs.related' };
  }
  const isKnown = queries.has(type) || [...queries.values()].includes(type);
  if (!isKnown || code !== 0) return { invalid: 'ovs.icmp-unknown' };
  return { tuple: tupleOf(packet, icmpPorts(message)), ...(queries.has(type) ? {} : { unlessNew: 'ovs.icmp-no-request' }) };
};

type Found = { readonly connection: Connection; readonly direction: 'original' | 'reply' };

/** The original half is compared first, so a tuple that is its own answer never is a reply. */
const find = (connections: readonly Connection[], tuple: Tuple, zone: ZoneId): Found | undefined => {
  for (const connection of connections) {
    if ((connection.zone?.id ?? DEFAULT_ZONE) !== zone) continue;
    if (sameTuple(connection.original, tuple)) return { connection, direction: 'original' };
    if (sameTuple(connection.reply, tuple)) return { connection, direction: 'reply' };
  }
  return undefined;
};

const begin = (table: Table, tuple: Tuple, zone: Zone | undefined, nowMs: number, segment: Tcp | undefined, rule: OvsRule = 'ovs.new'): OvsTracking => {
  const made = connect(table.nextLabel, tuple, answerTo(tuple), zone, nowMs);
  const connection = segment ? { ...made, expiresMs: nowMs + TCP_FIRST_MS, peers: peersOf('original', openTcp(segment)) } : { ...made, expiresMs: nowMs + FIRST_MS };
  return {
    table: { connections: [...table.connections, connection], nextLabel: table.nextLabel + 1 },
    tracked: seen('new', connection, 'original'),
    rule,
  };
};

const peersOf = (direction: Found['direction'], { sender, receiver }: Peers): NonNullable<Connection['peers']> =>
  direction === 'original' ? { original: sender, reply: receiver } : { original: receiver, reply: sender };

/** A segment on a connection, which then is another one, or ends and makes place for another. */
const followSegment = (table: Table, { connection, direction }: Found, segment: Tcp, zone: Zone | undefined, nowMs: number): OvsTracking => {
  const { peers } = connection;
  if (!peers) throw new RangeError('followSegment: a TCP connection remembers both sides');
  const [sender, receiver] = direction === 'original' ? [peers.original, peers.reply] : [peers.reply, peers.original];
  const { rule, peers: now, expiresInMs } = followTcp({ sender, receiver }, segment);
  const others = table.connections.filter((other) => other !== connection);
  if (rule === 'ovs.tcp-anew') {
    const tuple = direction === 'original' ? connection.original : connection.reply;
    return begin({ ...table, connections: others }, tuple, zone, nowMs, segment, rule);
  }
  const after = { ...connection, peers: peersOf(direction, now), ...(expiresInMs === undefined ? {} : { expiresMs: nowMs + expiresInMs }) };
  return {
    table: { ...table, connections: table.connections.map((other) => (other === connection ? after : other)) },
    tracked: match(rule)
      .returnType<Tracked>()
      .with('ovs.tcp-syn', () => seen('new', connection, 'original'))
      .with('ovs.tcp-in-window', 'ovs.tcp-near-window', () => seen('established', connection, direction))
      .otherwise(() => ({ state: 'invalid' })),
    rule,
  };
};

const follow = (table: Table, { connection, direction }: Found, nowMs: number): OvsTracking => {
  const seenReply = connection.seenReply || direction === 'reply';
  const after = { ...connection, seenReply, expiresMs: nowMs + (seenReply ? REPLIED_MS : FIRST_MS) };
  return {
    table: { ...table, connections: table.connections.map((other) => (other === connection ? after : other)) },
    tracked: seen(seenReply ? 'established' : 'new', connection, direction),
    rule: seenReply ? 'ovs.replied' : 'ovs.unreplied',
  };
};

const seen = (state: 'new' | 'established' | 'related', connection: Connection, direction: Found['direction']): Tracked => ({
  state,
  zone: connection.zone?.id ?? DEFAULT_ZONE,
  direction,
  connection: connection.label,
});
