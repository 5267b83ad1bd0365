/**
 * Tiling: when fragments that nothing disturbs are a datagram. A small calculation of its own, for reassembly to be
 * judged without any model of it.
 *
 * It speaks only of clean groups: fragments of one key that tile one datagram, repeated at most exactly. Whatever else
 * a key meets makes it unclear until everything that may be left of it has timed out.
 *
 * Source: RFC 791 section 3.2; limits of the kernel's inet_frag queues in `fragmentMs`.
 */
import { type Bytes, headerLength, type Ipv4, lengthOf } from '../../spec/trace/packet.ts';
import { TCP } from '../../spec/trace/transport.ts';
import { isMartian } from '../martian.ts';

export type Tiling =
  /** Nothing can be said. */
  | { readonly kind: 'unclear' }
  /** The datagram has holes. */
  | { readonly kind: 'held' }
  /** This fragment closes the last hole. */
  | { readonly kind: 'complete'; readonly bytes: Bytes };

/** The fragments of one key in one zone. */
export type Group = {
  startMs: number;
  lastMs: number;
  unclear: boolean;
  readonly fragments: Map<number, Ipv4>;
  /** The blocks of 8 bytes that are there. */
  readonly blocks: Set<number>;
  bytes: number;
  /** The greatest end yet, and the end of the datagram once its last fragment is there. */
  end: number;
  total: number | undefined;
};

/** What identifies a datagram within a zone. */
const keyOf = (packet: Ipv4): string => `${packet.source} ${packet.destination} ${packet.id} ${packet.protocol}`;

/**
 * Takes the next fragment of a key at `nowMs`, and says what it makes of the datagram. Changes `groups`, which is one
 * tenant's, by key.
 */
export const tile = (groups: Map<string, Group>, packet: Ipv4, nowMs: number, fragmentMs: number): Tiling => {
  const key = keyOf(packet);
  const known = groups.get(key);
  // An unclear group may have been begun by any of its fragments, the last one too.
  const isOver = known && nowMs >= (known.unclear ? known.lastMs : known.startMs) + fragmentMs;
  const group = !known || isOver ? emptyGroup(nowMs) : known;
  groups.set(key, group);
  group.lastMs = nowMs;
  group.unclear ||= !add(group, packet);
  if (group.unclear) return { kind: 'unclear' };
  if (group.total === undefined || group.bytes < group.total) return { kind: 'held' };
  if (!canLeave(group)) {
    group.unclear = true;
    return { kind: 'unclear' };
  }
  groups.delete(key);
  return { kind: 'complete', bytes: bytesOf(group) };
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
const add = (group: Group, packet: Ipv4): boolean => {
  const bytes = dataOf(packet);
  const length = lengthOf(bytes);
  const end = packet.offset + length;
  if (length === 0 || (packet.mf && length % 8 > 0) || headerLength(packet) + end > 65_535) return false;

  const twin = group.fragments.get(packet.offset);
  if (twin) return dataOf(twin) === bytes && twin.mf === packet.mf && (twin.tos & 3) === (packet.tos & 3);

  if (!packet.mf && (group.total !== undefined || group.end > end)) return false;
  if (group.total !== undefined && end > group.total) return false;
  for (let block = packet.offset / 8; block * 8 < end; block += 1) {
    if (group.blocks.has(block)) return false;
    group.blocks.add(block);
  }
  group.fragments.set(packet.offset, packet);
  group.bytes += length;
  group.end = Math.max(group.end, end);
  if (!packet.mf) group.total = end;
  return true;
};

/** Whether nothing about a complete datagram keeps it from leaving: ECN mixed, time to live, options, martian addresses, a protocol that is not modelled yet. */
const canLeave = ({ fragments }: Group): boolean => {
  const first = fragments.get(0);
  if (!first || first.ttl <= 1 || first.options !== '' || first.protocol === TCP) return false;
  if (isMartian(first.source) || isMartian(first.destination)) return false;
  const unmarked = [...fragments.values()].filter((packet) => (packet.tos & 3) === 0).length;
  return unmarked === 0 || unmarked === fragments.size;
};

const bytesOf = ({ fragments }: Group): Bytes =>
  [...fragments.values()]
    .toSorted((a, b) => a.offset - b.offset)
    .map(dataOf)
    .join('');

const dataOf = (packet: Ipv4): Bytes => (packet.payload.kind === 'opaque' ? packet.payload.bytes : '');
