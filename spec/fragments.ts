/**
 * Defragmentation of IPv4: fragments wait in queues until they make a datagram.
 *
 * Tracking needs ports and only a first fragment has them, so datagrams are put together before they are tracked. A
 * queue is named by addresses, protocol, identification and the *zone*, if that is assigned early enough; the device
 * is not part of its name. Two rows of this chapter are not about zones and still join them: the distance between
 * fragments is counted for a source address in all zones together, and the memory is one budget for all.
 *
 * Source: RFC 791 section 3.2, RFC 5722; ip_defrag(), ip_frag_queue(), inet_frag_queue_insert(), ip_frag_reasm(); the
 * RFC: zones are "used to separate conntrack defragmentation queues".
 */
import { type Attached, queueZone } from './assignment.ts';
import { bytesHeld, type Contents, empty, isComplete } from './queue.ts';
import { type Datagram, noSizes, put, type Sizes, sizesWith } from './reassembly.ts';
import { insert } from './runs.ts';
import type { Rules } from './rule.ts';
import type { FragmentLimits } from './trace/network.ts';
import { type Address, headerLength, type Ipv4, lengthOf, slice } from './trace/packet.ts';
import type { DeviceName } from './trace/network.ts';
import type { ZoneId } from './zone.ts';

export const fragmentRules = {
  'fragments.memory': {
    sentence: 'Once more bytes are held than the budget allows, no further fragment is taken, in any zone.',
    source: 'inet_frag_find(), ipfrag_high_thresh',
  },
  'fragments.too-far': {
    sentence:
      'If more fragments of the same source came in between, in whatever zone, than the distance allows, the queue starts anew with this fragment.',
    source: 'ip_frag_too_far(), ip_frag_reinit(); ipfrag_max_dist',
  },
  'fragments.other-end': {
    sentence: 'A last fragment that ends before data already seen, or elsewhere than an earlier last one, kills the queue.',
    source: 'ip_frag_queue()',
  },
  'fragments.beyond-end': {
    sentence: 'Data beyond the end that a last fragment gave kills the queue.',
    source: 'ip_frag_queue()',
  },
  'fragments.cut': {
    sentence: 'A fragment that is not the last is cut down to a multiple of 8 bytes.',
    source: 'ip_frag_queue(), end &= ~7',
  },
  'fragments.empty': {
    sentence: 'A fragment without data, or with none left, kills the queue.',
    source: 'ip_frag_queue(), end == offset',
  },
  'fragments.overlap': {
    sentence: 'A fragment that overlaps what is held, and is not inside one run of it, kills the queue.',
    source: 'inet_frag_queue_insert(), RFC 5722 section 4',
  },
  'fragments.duplicate': {
    sentence: 'A fragment inside one run of what is held is ignored.',
    source: 'inet_frag_queue_insert(), IPFRAG_DUP',
  },
  'fragments.held': {
    sentence: 'Any other fragment is held.',
    source: 'ip_frag_queue(), EINPROGRESS',
  },
  'fragments.ecn': {
    sentence: 'Fragments of which some can carry congestion marks and some cannot make no datagram.',
    source: 'ip_frag_ecn_table, RFC 3168 section 5.3',
  },
  'fragments.oversize': {
    sentence: 'A datagram that is longer than 65535 bytes with its header is dropped.',
    source: 'ip_frag_reasm(), "Oversized IP packet"',
  },
  'fragments.complete': {
    sentence: 'When first and last are there and the bytes add up, the datagram goes on, by the device of the fragment that came last.',
    source: 'ip_frag_reasm()',
  },
  'fragments.expired': {
    sentence: 'A queue that is not complete in time is dropped with its fragments; the time counts from its first fragment.',
    source: 'ip_expire(), ipfrag_time',
  },
} as const satisfies Rules;

export type FragmentRule = keyof typeof fragmentRules;

/** What tells one waiting datagram from another. */
export type QueueName = {
  readonly zone: ZoneId;
  readonly source: Address;
  readonly destination: Address;
  readonly id: number;
  readonly protocol: number;
};

export type Queue = {
  readonly name: QueueName;
  readonly createdMs: number;
  readonly contents: Contents<Ipv4>;
  /** Of all fragments since the queue came into being, even if it started anew in between. */
  readonly sizes: Sizes;
  /** The source's counter at this queue's latest fragment. */
  readonly count: number;
};

/** All that waits, and for each source the fragments that came, in all zones. */
export type Defragmentation = {
  readonly queues: readonly Queue[];
  readonly counts: Readonly<Record<Address, number>>;
};

export const nothingWaits: Defragmentation = { queues: [], counts: {} };

export type Gathering = {
  readonly rules: readonly FragmentRule[];
  readonly waiting: Defragmentation;
  /** Absent: the fragment is held, or gone. */
  readonly datagram?: Datagram<Ipv4>;
};

/** A fragment arrives, with what was attached before defragmentation. */
export const gather = (
  waiting: Defragmentation,
  fragment: Ipv4,
  device: DeviceName,
  attached: Attached,
  nowMs: number,
  limits: FragmentLimits,
): Gathering => {
  if (limits.memoryBytes > 0 && bytesHeld(waiting.queues) > limits.memoryBytes) return { rules: ['fragments.memory'], waiting };

  const { source, destination, id, protocol } = fragment;
  const name = { zone: queueZone(attached), source, destination, id, protocol };
  const known = waiting.queues.find((queue) => sameName(queue.name, name));
  const count = (waiting.counts[source] ?? 0) + 1;
  const counts = limits.distance > 0 ? { ...waiting.counts, [source]: count } : waiting.counts;

  const tooFar = known !== undefined && isTooFar(known, count, limits);
  const { createdMs, contents } = known && !tooFar ? known : { createdMs: nowMs, contents: empty };
  const queue = { name, createdMs, contents, sizes: known?.sizes ?? noSizes, count };

  const taken = take(queue, fragment, device, attached);
  const others = known ? waiting.queues.filter((other) => other !== known) : waiting.queues;
  return {
    rules: tooFar ? ['fragments.too-far', ...taken.rules] : taken.rules,
    waiting: { queues: taken.queue ? [...others, taken.queue] : others, counts },
    ...(taken.datagram && { datagram: taken.datagram }),
  };
};

const isTooFar = (queue: Queue, count: number, { distance }: FragmentLimits): boolean =>
  distance > 0 && queue.contents.arrivals.length > 0 && count - queue.count > distance;

/** Time has come to `nowMs`: queues that waited too long are gone. */
export const expire = (waiting: Defragmentation, nowMs: number, fragmentMs: number): Gathering => {
  const queues = waiting.queues.filter((queue) => nowMs < queue.createdMs + fragmentMs);
  return queues.length === waiting.queues.length
    ? { rules: [], waiting }
    : { rules: ['fragments.expired'], waiting: { ...waiting, queues } };
};

type Taken = { readonly rules: readonly FragmentRule[]; readonly queue?: Queue; readonly datagram?: Datagram<Ipv4> };

const killed = (...rules: readonly FragmentRule[]): Taken => ({ rules });

/** One queue meets one fragment. First the ends are compared, then the bytes find their place. */
const take = (queue: Queue, fragment: Ipv4, device: DeviceName, attached: Attached): Taken => {
  const { contents } = queue;
  const bytes = fragment.payload.kind === 'opaque' ? fragment.payload.bytes : '';
  const claimedEnd = fragment.offset + lengthOf(bytes);
  const end = fragment.mf ? claimedEnd - (claimedEnd % 8) : claimedEnd;
  const cut: readonly FragmentRule[] = end < claimedEnd ? ['fragments.cut'] : [];

  if (!fragment.mf && (end < contents.length || (contents.lastSeen && end !== contents.length))) return killed('fragments.other-end');
  if (fragment.mf && contents.lastSeen && end > contents.length) return killed(...cut, 'fragments.beyond-end');
  if (end <= fragment.offset) return killed(...cut, 'fragments.empty');

  // The end counts even if the fragment turns out to be a duplicate.
  const length = Math.max(contents.length, end);
  const lastSeen = contents.lastSeen || !fragment.mf;
  const runs = insert(contents.runs, fragment.offset, end);
  if (runs === 'overlap') return killed(...cut, 'fragments.overlap');
  if (runs === 'duplicate') {
    return { rules: [...cut, 'fragments.duplicate'], queue: { ...queue, contents: { ...contents, length, lastSeen } } };
  }
  const arrival = { header: fragment, device, attached, offset: fragment.offset, bytes: slice(bytes, 0, end - fragment.offset) };
  const held = { runs, arrivals: [...contents.arrivals, arrival], length, lastSeen };
  const sizes = sizesWith(queue.sizes, arrival);
  return isComplete(held) ? finish(held, sizes, cut) : { rules: [...cut, 'fragments.held'], queue: { ...queue, contents: held, sizes } };
};

const finish = ({ arrivals, length }: Contents<Ipv4>, sizes: Sizes, before: readonly FragmentRule[]): Taken => {
  const result = put(arrivals, sizes);
  if (result === 'mixed congestion marks') return killed(...before, 'fragments.ecn');
  return headerLength(result.packet) + length > 65535
    ? killed(...before, 'fragments.oversize')
    : { rules: [...before, 'fragments.complete'], datagram: result };
};

const sameName = (a: QueueName, b: QueueName): boolean =>
  a.zone === b.zone &&
  a.id === b.id &&
  a.source === b.source &&
  a.destination === b.destination &&
  a.protocol === b.protocol;
