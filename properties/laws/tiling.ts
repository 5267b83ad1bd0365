/**
 * Tiling: when fragments that nothing disturbs are a datagram. A small calculation of its own, for reassembly to be
 * judged without any model of it.
 *
 * It speaks only of clean groups: fragments of one key that tile one datagram, repeated at most exactly. Whatever else
 * a key meets makes it unclear until everything that may be left of it has timed out.
 *
 * Source: RFC 791 section 3.2, RFC 8200 section 4.5; limits of the kernel's inet_frag queues in `fragmentMs`.
 */
import { type Bytes, fragmentOf, headerLength, hopsOf, type Ip, type Ipv6, lengthOf, numberAt, serviceOf } from '../../spec/trace/packet.ts';
import { ICMPV6, TCP, UDP } from '../../spec/trace/transport.ts';
import { icmpTypes } from '../../spec/icmp-types.ts';
import { isMartian } from '../martian.ts';

export type Tiling =
  /** Nothing can be said. */
  | { readonly kind: 'unclear' }
  /** The datagram has holes. `again`: these bytes were there already. */
  | { readonly kind: 'held'; readonly again: boolean }
  /** This fragment closes the last hole. */
  | { readonly kind: 'complete'; readonly bytes: Bytes };

/** The fragments of one key in one zone. */
export type Group = {
  startMs: number;
  lastMs: number;
  unclear: boolean;
  readonly fragments: Map<number, Ip>;
  /** The blocks of 8 bytes that are there. */
  readonly blocks: Set<number>;
  bytes: number;
  /** The greatest end yet, and the end of the datagram once its last fragment is there. */
  end: number;
  total: number | undefined;
};

/** What identifies a datagram within a zone. */
const keyOf = (packet: Ip, name: number | undefined): string =>
  `${packet.source} ${packet.destination} ${name} ${packet.kind === 'ipv4' ? packet.protocol : ''}`;

/** The identification; of IPv6 those of all fragment headers, be they a whole datagram's: by which it waits is not for all the same. */
const namesOf = (packet: Ip): readonly number[] =>
  packet.kind === 'ipv4' ? [packet.id] : packet.extensions.flatMap((header) => (header.kind === 'fragment' ? [header.id] : []));

/**
 * Takes the next fragment of a key at `nowMs`, and says what it makes of the datagram. Changes `groups`, which is one
 * tenant's, by key.
 */
export const tile = (groups: Map<string, Group>, packet: Ip, nowMs: number, fragmentMs: number): Tiling => {
  const [name, ...others] = namesOf(packet);
  for (const other of others) upset(groups, keyOf(packet, other), nowMs);
  const key = keyOf(packet, name);
  const known = groups.get(key);
  // An unclear group may have been begun by any of its fragments, the last one too.
  const isOver = known && nowMs >= (known.unclear ? known.lastMs : known.startMs) + fragmentMs;
  const group = !known || isOver ? emptyGroup(nowMs) : known;
  groups.set(key, group);
  group.lastMs = nowMs;
  const before = group.bytes;
  group.unclear ||= !add(group, packet);
  if (group.unclear) return { kind: 'unclear' };
  if (group.total === undefined || group.bytes < group.total) return { kind: 'held', again: group.bytes === before };
  if (!canLeave(group)) {
    group.unclear = true;
    return { kind: 'unclear' };
  }
  groups.delete(key);
  return { kind: 'complete', bytes: bytesOf(group) };
};

/** Of a key nothing is clear any more. */
const upset = (groups: Map<string, Group>, key: string, nowMs: number): void => {
  const group = groups.get(key) ?? emptyGroup(nowMs);
  groups.set(key, Object.assign(group, { unclear: true, lastMs: nowMs }));
};

const emptyGroup = (nowMs: number): Group => ({
  startMs: nowMs,
  lastMs: nowMs,
  unclear: false,
  fragments: new Map(),
  blocks: new Set(),
  bytes: 0,
  end: 0,
  total: undefined,
});

/** Adds a fragment if it fits into a clean group. */
const add = (group: Group, packet: Ip): boolean => {
  const fragment = fragmentOf(packet);
  // A whole datagram with a fragment header waits in the queue of its name, and may upset it.
  if (!fragment || (packet.kind === 'ipv6' && !isPlain(packet))) return false;
  const { offset, mf } = fragment;
  const bytes = dataOf(packet);
  const length = lengthOf(bytes);
  const end = offset + length;
  if (length === 0 || (mf && length % 8 > 0) || headerLength(packet) + end > 65_535) return false;

  const twin = group.fragments.get(offset);
  if (twin) return dataOf(twin) === bytes && fragmentOf(twin)?.mf === mf && (serviceOf(twin) & 3) === (serviceOf(packet) & 3);

  if (!mf && (group.total !== undefined || group.end > end)) return false;
  if (group.total !== undefined && end > group.total) return false;
  for (let block = offset / 8; block * 8 < end; block += 1) {
    if (group.blocks.has(block)) return false;
    group.blocks.add(block);
  }
  group.fragments.set(offset, packet);
  group.bytes += length;
  group.end = Math.max(group.end, end);
  if (!mf) group.total = end;
  return true;
};

/** Without other headers, and a first fragment with all of its protocol's. */
const isPlain = (packet: Ipv6): boolean =>
  packet.extensions.length === 1 && (fragmentOf(packet)?.offset !== 0 || (lengthOf(dataOf(packet)) >= 8 && TRACKED6.has(packet.protocol)));

/** What an error quotes may be of a protocol of which nothing is known. */
const isError = (first: Ip): boolean => icmpTypes.get(first.protocol)?.errors.has(numberAt(dataOf(first), 0, 1)) ?? false;

/** What other protocols do over IPv6 when they are whole is not known. */
const TRACKED6: ReadonlySet<number> = new Set([ICMPV6, UDP]);

/** Whether nothing about a complete datagram keeps it from leaving: ECN mixed, time to live, options, martian addresses, a protocol that is not modelled yet. */
const canLeave = ({ fragments }: Group): boolean => {
  const first = fragments.get(0);
  if (!first || hopsOf(first) <= 1 || first.protocol === TCP) return false;
  if (first.kind === 'ipv4' ? first.options !== '' : !TRACKED6.has(first.protocol) || isError(first)) return false;
  if (isMartian(first.source) || isMartian(first.destination)) return false;
  const unmarked = [...fragments.values()].filter((packet) => (serviceOf(packet) & 3) === 0).length;
  return unmarked === 0 || unmarked === fragments.size;
};

const bytesOf = ({ fragments }: Group): Bytes =>
  [...fragments]
    .toSorted(([a], [b]) => a - b)
    .map(([, packet]) => dataOf(packet))
    .join('');

const dataOf = (packet: Ip): Bytes => (packet.payload.kind === 'opaque' ? packet.payload.bytes : '');
