/**
 * Open vSwitch: fragments wait in queues, in either version of IP, and leave as they came.
 *
 * A queue is named by addresses, identification and zone, and in IPv4 by the protocol. Whatever does not fit into it goes
 * on by itself, and finds no connection.
 *
 * Source: lib/ipf.c.
 */
import type { Rules } from '../rule.ts';
import { type Address, carried, fragmentOf, headerLength, type Ip, ipv4, ipv6 } from '../trace/packet.ts';
import { readTransport, transportLength } from '../wire/transport.ts';
import type { EventId } from '../trace/event.ts';
import type { ZoneId } from '../zone.ts';

const under = { datapath: 'open-vswitch' } as const;

export const ovsFragmentRules = {
  'ovs.fragment-short': {
    sentence: 'A fragment that is not the last, and shorter than 400 bytes, goes on alone and is invalid.',
    source: 'ipf_is_valid_v4_frag(), ipf_is_valid_v6_frag(); dpctl/ipf-set-min-frag, 1200 and 1280 unless set',
    under,
  },
  'ovs.fragment-again': {
    sentence: 'A fragment that begins or ends inside one that waits goes on alone and is invalid; the others go on waiting.',
    source: 'ipf_is_frag_duped()',
    under,
  },
  'ovs.fragment-held': {
    sentence: 'Any other fragment waits.',
    source: 'ipf_process_frag()',
    under,
  },
  'ovs.fragment-completes': {
    sentence: 'When a first and a last one are there and all that wait join without a hole, the datagram is tracked as one.',
    source: 'ipf_list_state_transition(), ipf_list_complete()',
    under,
  },
  'ovs.fragments-late': {
    sentence: 'Each time that anything is tracked, the oldest that waits for more than 15 seconds goes with it: invalid, and by the same exit.',
    source: 'ipf_send_expired_frags(), IPF_FRAG_LIST_TIMEOUT, IPF_FRAG_LIST_MAX_EXPIRED; before 4.0',
    under: { ...under, ovsMajor: 3 },
  },
  'ovs.fragments-late-dropped': {
    sentence: 'Each time that anything is tracked, the oldest that waits for more than 15 seconds is dropped.',
    source: 'ipf_delete_expired_frags(); since 4.0',
    under: { ...under, ovsMajor: 4 },
  },
  'ovs.fragments-purged': {
    sentence: 'What waits for 25 seconds is dropped when time passes.',
    source: 'ipf_clean_thread_main(), IPF_FRAG_LIST_PURGE_TIME_ADJ',
    under,
  },
} as const satisfies Rules;

/** The least that can be demanded of fragments, which is what is demanded here, in bytes with their header. */
const LEAST_FRAGMENT = 400;
/** Where the sum of what waits may not fit into a packet any more; how that is counted is not modelled. */
const MOST_BYTES = 65_000;
/** Where the number of all that waits is limited. Source: IPF_MAX_FRAGS_DEFAULT. */
const MOST_FRAGMENTS = 1000;
const [LATE_MS, PURGED_MS] = [15_000, 25_000];

export type Piece = {
  readonly packet: Ip;
  /** The event that brought it. */
  readonly event: EventId;
  readonly start: number;
  readonly end: number;
};

export type OvsQueue = {
  readonly zone: ZoneId;
  readonly source: Address;
  readonly destination: Address;
  readonly id: number;
  /** Of IPv4 only. */
  readonly protocol: number | undefined;
  readonly createdMs: number;
  readonly pieces: readonly Piece[];
};

export type OvsGathering =
  | { readonly kind: 'alone'; readonly rule: 'ovs.fragment-short' | 'ovs.fragment-again' }
  | { readonly kind: 'held'; readonly rule: 'ovs.fragment-held'; readonly queues: readonly OvsQueue[] }
  | {
      readonly kind: 'complete';
      readonly rule: 'ovs.fragment-completes';
      readonly queues: readonly OvsQueue[];
      readonly packet: Ip;
      /** As they came, by offset. */
      readonly pieces: readonly Piece[];
    }
  | { readonly kind: 'unknown'; readonly why: string };

/** A sound fragment arrives in a zone. Queues stand in the order in which they came into being. */
export const gatherOvs = (queues: readonly OvsQueue[], fragment: Ip, event: EventId, zone: ZoneId, nowMs: number): OvsGathering => {
  const { id = 0, offset = 0, mf = false } = fragmentOf(fragment) ?? {};
  const length = transportLength(fragment.payload);
  const isLast = !mf && offset > 0;
  if (!isLast && headerLength(fragment) + length < LEAST_FRAGMENT) return { kind: 'alone', rule: 'ovs.fragment-short' };
  const name = { zone, source: fragment.source, destination: fragment.destination, id, protocol: fragment.kind === 'ipv4' ? fragment.protocol : undefined };
  const known = queues.find((queue) => isNamed(queue, name));
  const piece = { packet: fragment, event, start: offset, end: offset + length - 1 };
  const waiting = known?.pieces ?? [];
  if (length === 0) return { kind: 'unknown', why: 'fragments without data in Open vSwitch are not modelled' };
  if (waiting.some((other) => isInside(piece.start, other) || isInside(piece.end, other))) return { kind: 'alone', rule: 'ovs.fragment-again' };
  const pieces = [...waiting, piece].toSorted((a, b) => a.start - b.start);
  const others = queues.filter((queue) => queue !== known);
  if ((pieces.at(-1)?.end ?? 0) > MOST_BYTES) return { kind: 'unknown', why: 'datagrams that hardly fit into IP are not modelled for Open vSwitch' };
  if (others.reduce((sum, queue) => sum + queue.pieces.length, pieces.length) > MOST_FRAGMENTS) return { kind: 'unknown', why: "Open vSwitch's limit of fragments, which all zones share" };
  if (isComplete(pieces)) {
    return { kind: 'complete', rule: 'ovs.fragment-completes', queues: others, packet: joined(pieces), pieces };
  }
  const grown = known ? queues.map((queue) => (queue === known ? { ...known, pieces } : queue)) : [...queues, { ...name, createdMs: nowMs, pieces }];
  return { kind: 'held', rule: 'ovs.fragment-held', queues: grown };
};

/** The oldest that waits for too long, if one does. */
export const lateQueue = (queues: readonly OvsQueue[], nowMs: number): OvsQueue | undefined => {
  const [oldest] = queues;
  return oldest && nowMs > oldest.createdMs + LATE_MS ? oldest : undefined;
};

/** Time has come to `nowMs`. */
export const notPurged = (queues: readonly OvsQueue[], nowMs: number): readonly OvsQueue[] => queues.filter(({ createdMs }) => nowMs < createdMs + PURGED_MS);

const isInside = (byte: number, { start, end }: Piece): boolean => byte >= start && byte <= end;

const isNamed = (queue: OvsQueue, name: Omit<OvsQueue, 'createdMs' | 'pieces'>): boolean =>
  queue.zone === name.zone && queue.id === name.id && queue.source === name.source && queue.destination === name.destination && queue.protocol === name.protocol;

/** A piece with the flag may come behind the last one; it counts as well. */
const isComplete = (pieces: readonly Piece[]): boolean => {
  const fragments = pieces.map(({ packet }) => fragmentOf(packet));
  const ends = fragments.some((fragment) => fragment?.offset === 0) && fragments.some((fragment) => fragment && !fragment.mf);
  return ends && pieces.every(({ start }, index) => start === (pieces[index - 1]?.end ?? -1) + 1);
};

/** The datagram under its first piece's header. */
const joined = (pieces: readonly Piece[]): Ip => {
  const [first] = pieces;
  if (!first) throw new RangeError('joined: a datagram has a piece');
  const { source, destination, protocol, kind } = first.packet;
  const payload = readTransport({ source, destination, protocol }, pieces.map(({ packet }) => carried(packet.payload)).join(''));
  return kind === 'ipv4' ? ipv4({ source, destination, protocol, payload }) : ipv6({ source, destination, protocol, payload });
};
