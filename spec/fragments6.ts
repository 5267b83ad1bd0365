/**
 * Defragmentation of IPv6, side by side with that of IPv4 (spec/fragments.ts).
 *
 * What differs: a queue is named without the protocol, and survives most fragments that do not fit; fragments are not
 * counted by source; one that is cut badly goes on by itself, as does a first one that lacks headers; a fragment that is
 * a whole datagram ("atomic") waits in the same queues as others, if only for itself.
 *
 * Source: RFC 8200 section 4.5, RFC 5722, RFC 6946; nf_ct_frag6_gather(), nf_ct_frag6_queue(), nf_ct_frag6_reasm().
 */
import { type Attached, queueZone } from './assignment.ts';
import { behindHeader, lengthOfAll, skipExtensions, withBehind } from './extensions.ts';
import { bytesHeld, type Contents, empty, isComplete } from './queue.ts';
import { type Datagram, tiles } from './reassembly.ts';
import type { Rules } from './rule.ts';
import { insert } from './runs.ts';
import { isLinkLocal, isMulticast } from './scope.ts';
import type { DeviceName, FragmentLimits } from './trace/network.ts';
import { type Address, type Bytes, type Extension, type FragmentHeader, type Ipv6, lengthOf } from './trace/packet.ts';
import { ICMPV6, TCP, UDP } from './trace/transport.ts';
import { firstOf, FRAGMENT, writeChain } from './wire/extensions.ts';
import { writeTransport } from './wire/transport.ts';
import type { ZoneId } from './zone.ts';

export const fragment6Rules = {
  'fragments6.cut-off': {
    sentence: 'A fragment header that is not all there is dropped; but if it can be seen that it is a first one, of a protocol, the packet goes on by itself.',
    source: 'nf_ct_frag6_gather(), ENOMEM',
  },
  'fragments6.headers': {
    sentence: 'A first fragment without all headers, its protocol\'s too, goes on by itself and is tracked for what it is.',
    source: 'ipv6frag_thdr_truncated(), RFC 8200 section 4.5',
  },
  'fragments6.memory': {
    sentence: 'Once more bytes of IPv6 are held than the budget allows, no further fragment is taken, in any zone.',
    source: 'inet_frag_find(), nf_conntrack_frag6_high_thresh',
  },
  'fragments6.beyond-65535': {
    sentence: 'A fragment that ends beyond 65535 is dropped, and the queue stays.',
    source: 'nf_ct_frag6_queue(), IPV6_MAXPLEN',
  },
  'fragments6.other-end': {
    sentence: 'A last fragment that ends before data already seen, or elsewhere than an earlier last one, is dropped, and the queue stays.',
    source: 'nf_ct_frag6_queue()',
  },
  'fragments6.multiple': {
    sentence: 'A fragment that is not the last and no multiple of 8 bytes long kills the queue, and goes on by itself.',
    source: 'nf_ct_frag6_queue(), EPROTO',
  },
  'fragments6.beyond-end': {
    sentence: 'Data beyond the end that a last fragment gave is dropped, and the queue stays.',
    source: 'nf_ct_frag6_queue()',
  },
  'fragments6.empty': {
    sentence: 'A fragment without data is dropped, and the queue stays; the end that it gave counts.',
    source: 'nf_ct_frag6_queue(), end == offset',
  },
  'fragments6.overlap': {
    sentence: 'A fragment that overlaps what is held, and is not inside one run of it, kills the queue.',
    source: 'inet_frag_queue_insert(), RFC 5722 section 4',
  },
  'fragments6.duplicate': {
    sentence: 'A fragment inside one run of what is held is ignored.',
    source: 'inet_frag_queue_insert(), IPFRAG_DUP',
  },
  'fragments6.held': {
    sentence: 'Any other fragment is held.',
    source: 'nf_ct_frag6_queue(), EINPROGRESS',
  },
  'fragments6.ecn': {
    sentence: 'Fragments of which some can carry congestion marks and some cannot make no datagram.',
    source: 'ip_frag_ecn_table, RFC 3168 section 5.3',
  },
  'fragments6.oversize': {
    sentence: 'A datagram whose payload, extension headers included, is longer than 65535 bytes is dropped.',
    source: 'nf_ct_frag6_reasm()',
  },
  'fragments6.complete': {
    sentence:
      'When first and last are there and the bytes add up, the datagram goes on without a fragment header, by the device of the fragment that came last.',
    source: 'nf_ct_frag6_reasm()',
  },
  'fragments6.expired': {
    sentence: 'A queue that is not complete in time is dropped with its fragments; the time counts from its first fragment, be that one dropped.',
    source: 'nf_ct_frag6_expire(), nf_conntrack_frag6_timeout',
  },
} as const satisfies Rules;

export type Fragment6Rule = keyof typeof fragment6Rules;

type QueueName = {
  readonly zone: ZoneId;
  readonly source: Address;
  readonly destination: Address;
  readonly id: number;
  /** Where it came in, if the destination means something there only. */
  readonly device: DeviceName | undefined;
};

type Queue = {
  readonly name: QueueName;
  readonly createdMs: number;
  readonly contents: Contents<Ipv6>;
  /** The largest fragment that was held, with all its headers, in bytes. */
  readonly largest: number;
};

/** All IPv6 that waits. */
export type Defragmentation6 = { readonly queues: readonly Queue[] };

export const nothingWaits6: Defragmentation6 = { queues: [] };

export type Gathering6 = {
  readonly rules: readonly Fragment6Rule[];
  readonly waiting: Defragmentation6;
  /** What goes on: the datagram, or the fragment itself. Absent: it is held, or gone. */
  readonly datagram?: Datagram<Ipv6>;
};

/** A packet taken apart at its first fragment header. */
type Fragment = {
  readonly packet: Ipv6;
  readonly before: readonly Extension[];
  readonly header: FragmentHeader;
  /** Behind it, and what the first of that is called. */
  readonly bytes: Bytes;
  readonly next: number;
};

/** IPv6 arrives, with what was attached before defragmentation. What is no fragment goes on. */
export const gather6 = (
  waiting: Defragmentation6,
  packet: Ipv6,
  device: DeviceName,
  attached: Attached,
  nowMs: number,
  limits: FragmentLimits,
): Gathering6 => {
  const itself = { waiting, datagram: { packet, device, attached } };
  const fragment = takeApart(packet);
  if (fragment === 'none') return { rules: [], ...itself };
  if (fragment === 'cut off') return skipExtensions(FRAGMENT, cutOffBytes(packet)) ? { rules: ['fragments6.cut-off'], ...itself } : { rules: ['fragments6.cut-off'], waiting };
  if (lacksHeaders(fragment)) return { rules: ['fragments6.headers'], ...itself };
  if (limits.memoryBytes > 0 && bytesHeld(waiting.queues) > limits.memoryBytes) return { rules: ['fragments6.memory'], waiting };

  const { source, destination } = packet;
  const isLocal = isMulticast(destination) || isLinkLocal(destination);
  const name = { zone: queueZone(attached), source, destination, id: fragment.header.id, device: isLocal ? device : undefined };
  const known = waiting.queues.find((queue) => sameName(queue.name, name));
  const taken = take(known ?? { name, createdMs: nowMs, contents: empty, largest: 0 }, fragment, device, attached);
  const others = known ? waiting.queues.filter((other) => other !== known) : waiting.queues;
  return {
    rules: [taken.rule],
    waiting: { queues: taken.queue ? [...others, taken.queue] : others },
    ...(taken.rule === 'fragments6.multiple' && { datagram: itself.datagram }),
    ...(taken.datagram && { datagram: taken.datagram }),
  };
};

const takeApart = (packet: Ipv6): Fragment | 'none' | 'cut off' => {
  const index = packet.extensions.findIndex(({ kind }) => kind === 'fragment');
  const header = packet.extensions[index];
  if (header?.kind !== 'fragment') return isCutOff(packet) ? 'cut off' : 'none';
  const [before, after] = [packet.extensions.slice(0, index), packet.extensions.slice(index + 1)];
  return { packet, before, header, next: firstOf(after, packet.protocol), bytes: writeChain(after, packet.protocol) + writeTransport(packet) };
};

/** A fragment header is announced, and not all of it is there. Without any payload nobody looks for it. */
const isCutOff = (packet: Ipv6): boolean => packet.protocol === FRAGMENT && behindHeader(packet).bytes !== '';

const cutOffBytes = ({ payload }: Ipv6): Bytes => (payload.kind === 'opaque' ? payload.bytes : '');

/** The least of a header that a first fragment has to hold. */
const LEAST: ReadonlyMap<number, number> = new Map([
  [TCP, 20],
  [UDP, 8],
  [ICMPV6, 8],
]);

const lacksHeaders = ({ header, next, bytes }: Fragment): boolean => {
  const upper = header.offset === 0 ? skipExtensions(next, bytes) : undefined;
  return upper !== undefined && upper.start + (LEAST.get(upper.protocol) ?? 1) > lengthOf(bytes);
};

/** Time has come to `nowMs`: queues that waited too long are gone. */
export const expire6 = (waiting: Defragmentation6, nowMs: number, fragment6Ms: number): Gathering6 => {
  const queues = waiting.queues.filter((queue) => nowMs < queue.createdMs + fragment6Ms);
  return queues.length === waiting.queues.length ? { rules: [], waiting } : { rules: ['fragments6.expired'], waiting: { queues } };
};

type Taken = { readonly rule: Fragment6Rule; readonly queue?: Queue; readonly datagram?: Datagram<Ipv6> };

/** One queue meets one fragment. First the ends are compared, then the bytes find their place. */
const take = (queue: Queue, fragment: Fragment, device: DeviceName, attached: Attached): Taken => {
  const { contents } = queue;
  const { bytes, before } = fragment;
  const { offset, mf } = fragment.header;
  const end = offset + lengthOf(bytes);

  if (end > 65_535) return { rule: 'fragments6.beyond-65535', queue };
  if (!mf && (end < contents.length || (contents.lastSeen && end !== contents.length))) return { rule: 'fragments6.other-end', queue };
  if (mf && end % 8 !== 0) return { rule: 'fragments6.multiple' };
  if (mf && contents.lastSeen && end > contents.length) return { rule: 'fragments6.beyond-end', queue };

  // The end counts even if the fragment is empty or turns out to be a duplicate.
  const known = { ...contents, length: Math.max(contents.length, end), lastSeen: contents.lastSeen || !mf };
  if (bytes === '') return { rule: 'fragments6.empty', queue: { ...queue, contents: known } };
  const runs = insert(contents.runs, offset, end);
  if (runs === 'overlap') return { rule: 'fragments6.overlap' };
  if (runs === 'duplicate') return { rule: 'fragments6.duplicate', queue: { ...queue, contents: known } };
  const arrival = { header: headerOnly(fragment), device, attached, offset, bytes };
  const held = { ...known, runs, arrivals: [...contents.arrivals, arrival] };
  const largest = Math.max(queue.largest, FIXED + lengthOfAll(before) + FRAGMENT_HEADER + lengthOf(bytes));
  return isComplete(held) ? finish(held, largest) : { rule: 'fragments6.held', queue: { ...queue, contents: held, largest } };
};

const FIXED = 40;
const FRAGMENT_HEADER = 8;

/** The headers up to the fragment header, that one included, and what it calls next. */
const headerOnly = ({ packet, before, header, next }: Fragment): Ipv6 => ({ ...packet, extensions: [...before, header], protocol: next });

const finish = ({ arrivals }: Contents<Ipv6>, largest: number): Taken => {
  const whole = tiles(arrivals);
  if (whole === 'mixed congestion marks') return { rule: 'fragments6.ecn' };
  const { header, bytes, pieces, device, firstDevice, attached, ecn } = whole;
  const before = header.extensions.slice(0, -1);
  if (lengthOfAll(before) + lengthOf(bytes) > 65_535) return { rule: 'fragments6.oversize' };
  const packet = withBehind({ ...header, trafficClass: header.trafficClass | ecn }, before, header.protocol, bytes);
  return { rule: 'fragments6.complete', datagram: { packet, device, firstDevice, attached, came: { pieces, largest } } };
};

const sameName = (a: QueueName, b: QueueName): boolean =>
  a.zone === b.zone && a.id === b.id && a.source === b.source && a.destination === b.destination && a.device === b.device;
