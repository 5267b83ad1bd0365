/**
 * Counting: how many connections there may be, in the table, in a zone, and by a rule that counts; and what happens then.
 *
 * A limit is a *budget*. One that each zone has for itself keeps zones apart; one that all zones draw on is shared by
 * design, and where it runs out a zone feels the others. Shared ones have names, so that whoever says that zones do not
 * disturb each other can say under which ones.
 *
 * Source: __nf_conntrack_alloc(), early_drop(); ovs_ct_check_limit(); nf_conncount.c, nft_connlimit.c.
 */
import type { Connection } from './connection.ts';
import { type Era, eraOf } from './era.ts';
import { lookup } from './lookup.ts';
import { realmOf } from './realm.ts';
import type { Rules } from './rule.ts';
import type { Counter, DeviceName, Limits, Network } from './trace/network.ts';
import type { Evicted } from './trace/outcome.ts';
import { sameTuple, type Tuple } from './tuple.ts';
import { DEFAULT_ZONE, type Zone, type ZoneId, zoneOf } from './zone.ts';

export const countingRules = {
  'counting.early-drop': {
    sentence: 'Where the table is full, connections that are not assured end for the sake of a new one, whatever their zone: which of them, an implementation chooses.',
    source: '__nf_conntrack_alloc(), early_drop(), early_drop_list(): those of one bucket, if there are any in eight',
  },
  'counting.table-full': {
    sentence: 'If none ends no connection is made, and the packet is dropped.',
    source: '__nf_conntrack_alloc(), "nf_conntrack: table full, dropping packet"',
  },
  'counting.zone-full': {
    sentence: 'A connection is not confirmed in a zone that has as many as it may have, and its packet is dropped; other zones do not count.',
    source: 'ovs_ct_check_limit(), ovs_ct_commit(); Open vSwitch: ct-set-limits',
  },
  'counting.known': {
    sentence: 'A rule that counts goes through its list, and strikes out what is over, until it finds the packet\'s connection; what stands behind that stays, over or not.',
    source: '__nf_conncount_add(), find_or_evict()',
  },
  'counting.closed': {
    sentence: 'Over is what the table no longer has, or never had, and TCP that is in TIME_WAIT or CLOSE.',
    source: 'nf_conntrack_find_get(), already_closed()',
  },
  'counting.added': {
    sentence: 'A connection that is not in the list is added at its end, be it that its packet will be dropped.',
    source: '__nf_conncount_add()',
  },
  'counting.assured': {
    sentence: 'For a packet of an assured connection nothing is added, and the whole list is gone through.',
    source: 'nf_conncount_add_skb(), nf_conncount_gc_list(); Linux 6.18.44',
  },
  'counting.over': {
    sentence: 'If the list then holds more than the rule allows, the packet is dropped, whichever connection it belongs to.',
    source: 'nft_connlimit_do_eval(), NFT_CONNLIMIT_F_INV',
  },
} as const satisfies Rules;

type CountingRule = keyof typeof countingRules;

/** What all zones of a network draw on together, by name. */
export type Budget = 'fragment memory' | 'extensions' | 'table' | 'counter';

/** The shared budgets of a network, and how much there is of each: bytes of fragments, or connections. */
export const budgetsOf = ({ fragments, extensions, limits }: Network): readonly (readonly [name: Budget, most: number])[] => [
  ...(fragments.memoryBytes > 0 ? [['fragment memory', fragments.memoryBytes] as const] : []),
  ...(extensions === undefined ? [] : [['extensions', extensions] as const]),
  ...(limits?.connections === undefined ? [] : [['table', limits.connections] as const]),
  ...(limits?.counters ?? []).filter(({ counts }) => counts === 'all-zones').map(({ most }) => ['counter', most] as const),
];

/** Chooses who ends early. None is a choice too: nobody looks at all of a table. */
export type Evict = (candidates: readonly Connection[]) => readonly Connection[];

/** The oldest. */
export const firstVictim: Evict = (candidates) => candidates.slice(0, 1);

/** Those that were seen to end. */
export const victimsAmong =
  (seen: readonly Evicted[]): Evict =>
  (candidates) =>
    candidates.filter((candidate) => seen.some((victim) => isVictim(candidate, victim)));

const isVictim = (connection: Connection, victim: Evicted): boolean => {
  const { zone, counts, original } = evictedOf(connection);
  return zone === victim.zone && counts === victim.counts && sameTuple(original, victim.original);
};

/** A connection as it is told of when it ended early. */
export const evictedOf = ({ zone, original }: Connection): Evicted => ({
  zone: zone?.id ?? DEFAULT_ZONE,
  ...(zone && zone.id !== DEFAULT_ZONE && zone.counts !== 'both' && { counts: zone.counts }),
  original,
});

export type Room = {
  readonly rules: readonly ('counting.early-drop' | 'counting.table-full')[];
  readonly isThere: boolean;
  /** All that are left. */
  readonly connections: readonly Connection[];
  readonly evicted?: readonly Connection[];
};

/** Makes room in the table for one more connection. */
export const makeRoom = (connections: readonly Connection[], { limits }: Network, evict: Evict = firstVictim): Room => {
  if (limits?.connections === undefined || connections.length < limits.connections) return { rules: [], isThere: true, connections };
  const evicted = evict(connections.filter(({ assured }) => !assured));
  if (evicted.length === 0) return { rules: ['counting.table-full'], isThere: false, connections };
  return { rules: ['counting.early-drop'], isThere: true, connections: connections.filter((other) => !evicted.includes(other)), evicted };
};

/** The most connections of a zone. */
export const limitOf = (limits: Limits | undefined, zone: ZoneId): number =>
  (limits?.zones?.find((limit) => limit.zone === zone) ?? limits?.zones?.find((limit) => limit.zone === undefined))?.connections ?? Number.POSITIVE_INFINITY;

/** Whether the zone of a new connection has no room for it. */
export const zoneIsFull = (connections: readonly Connection[], connection: Connection, { limits }: Network): boolean => {
  if (!limits?.zones) return false;
  const zone = idOf(connection);
  return connections.filter((other) => idOf(other) === zone).length >= limitOf(limits, zone);
};

/** The zone's id as it was assigned; where zones stand in addresses (spec/representation.ts), from there. */
const idOf = ({ zone, original }: Pick<Connection, 'zone' | 'original'>): ZoneId => zone?.id ?? Number(realmOf(original.source).slice(1));

/** A connection that a rule has counted: how it is to be found in the table. */
export type Counted = { readonly original: Tuple; readonly zone?: Zone };

/** What each rule has counted, in order; of a rule that counts each zone, that of each zone. */
export type Lists = Readonly<Record<string, readonly Counted[]>>;

export const nothingCounted: Lists = {};

export type Counting = { readonly rules: readonly CountingRule[]; readonly lists: Lists; readonly isOver: boolean };

/**
 * A packet that was tracked meets the rules that count on the device where it arrived, until one drops it. They look at
 * packets of connections only.
 */
export const count = (lists: Lists, connections: readonly Connection[], connection: Connection | undefined, device: DeviceName, network: Network): Counting => {
  let counting: Counting = { rules: [], lists, isOver: false };
  if (!connection) return counting;
  const era = eraOf(network);
  for (const [index, counter] of (network.limits?.counters ?? []).entries()) {
    if (counting.isOver || !counter.devices.includes(device)) continue;
    const name = nameOf(counter, index, connection);
    const { rules, list } = counted(counting.lists[name] ?? [], connections, connection, era);
    const isOver = list.length > counter.most;
    counting = { rules: [...counting.rules, ...rules, ...(isOver ? (['counting.over'] as const) : [])], lists: { ...counting.lists, [name]: list }, isOver };
  }
  return counting;
};

const nameOf = ({ counts }: Counter, index: number, connection: Connection): string => (counts === 'each-zone' ? `${index} in zone ${idOf(connection)}` : `${index}`);

type Tally = { readonly rules: readonly CountingRule[]; readonly list: readonly Counted[] };

const counted = (list: readonly Counted[], connections: readonly Connection[], connection: Connection, era: Era): Tally => {
  const isThere = (counted: Counted): boolean => {
    const found = lookup(connections, counted.original, counted.zone, era);
    return found.rule !== 'lookup.nothing' && !isClosed(found.connection);
  };
  const known = connection.assured ? -1 : list.findIndex((one) => isSame(one, connection, connections, era));
  const [looked, behind] = known === -1 ? [list, []] : [list.slice(0, known), list.slice(known)];
  const open = looked.filter(isThere);
  const struck: readonly CountingRule[] = open.length < looked.length ? ['counting.closed'] : [];
  if (connection.assured) return { rules: ['counting.assured', ...struck], list: open };
  if (known !== -1) return { rules: [...struck, 'counting.known'], list: [...open, ...behind] };
  const { original, zone } = connection;
  return { rules: [...struck, 'counting.added'], list: [...open, { original, ...(zone && { zone }) }] };
};

/** Whether this is what the list knows the packet's connection as; it is, only while the table has it. */
const isSame = (one: Counted, { original, zone }: Connection, connections: readonly Connection[], era: Era): boolean => {
  if (!sameTuple(one.original, original)) return false;
  const found = lookup(connections, one.original, one.zone, era);
  return found.rule !== 'lookup.nothing' && zoneOf(found.connection.zone, 'original') === zoneOf(zone, 'original');
};

const isClosed = ({ tcp }: Connection): boolean => tcp?.state === 'TIME_WAIT' || tcp?.state === 'CLOSE';
