/**
 * Open vSwitch: what a switch does with a packet. Whatever arrives leaves as it came, tracked on its way.
 *
 *     fragments wait -> tracking, and commitment in the same pass -> out
 *
 * What a router would refuse goes on as well: it is invalid. Nothing counts hops, nothing is cut anew.
 *
 * Source: miniflow_extract(), conntrack_execute(); the userspace datapath of Open vSwitch 3.1 under a flow that commits all
 * that is new.
 */
import { match } from 'ts-pattern';
import type { Rules } from '../rule.ts';
import type { Ipv6, Packet } from '../trace/packet.ts';
import { fragmentOf, type Ip, isFragment } from '../trace/packet.ts';
import type { Departure, Tracked } from '../trace/outcome.ts';
import type { Table } from '../tracking.ts';
import type { Profile } from '../profile.ts';
import type { EventId } from '../trace/event.ts';
import type { Device } from '../trace/network.ts';
import { isExtension } from '../wire/extensions.ts';
import { DEFAULT_ZONE } from '../zone.ts';
import { gatherOvs, lateQueue, ovsFragmentRules, type OvsQueue, type Piece } from './fragments.ts';
import { ovsTrackingRules, trackOvs } from './tracking.ts';

const under = { datapath: 'open-vswitch' } as const;

const ovsSwitchRules = {
  'ovs.unsound': {
    sentence: 'What IP would refuse (too short, a length or a header checksum that is wrong) is invalid.',
    source: 'miniflow_extract(), extract_l3_ipv4()',
    under,
  },
  'ovs.headers': {
    sentence: 'IPv6 whose extension headers are cut off, or whose fragment header has reserved bits but makes no fragment, is invalid.',
    source: 'parse_ipv6_ext_hdrs(), extract_l3_ipv6()',
    under,
  },
  'ovs.sent-on': {
    sentence: 'Whatever was tracked leaves as it came, be it valid or not: whole, or in its pieces by offset, by the exit of the one that came last.',
    source: 'ipf_post_execute_reass_pkts(), ipf_send_completed_frags()',
    under,
  },
} as const satisfies Rules;

export const ovsRules = { ...ovsSwitchRules, ...ovsFragmentRules, ...ovsTrackingRules } as const;

/** The switch between packets. */
export type Switched = { readonly table: Table; readonly queues: readonly OvsQueue[] };

export type Passage = {
  readonly after: Switched;
  readonly passes: readonly Tracked[];
  readonly left: readonly Departure[];
  readonly rules: readonly (keyof typeof ovsRules)[];
  /** Why nothing is said of this packet. */
  readonly unspecified?: string;
  /** Why nothing can be said any more. */
  readonly lost?: string;
};

/** Something that leaves at one event: a packet, or the pieces of a datagram. */
type Leaving = { readonly tracked: Tracked; readonly pieces: readonly { readonly packet: Packet; readonly event: EventId }[] };

/** What becomes of a packet that arrives with an event. `major` is the version. */
export const pass = (before: Switched, packet: Packet, event: EventId, device: Device, nowMs: number, major: Profile['ovsMajor']): Passage => {
  const alone = [{ packet, event }];
  /** With all that goes on together with it, and how often it was tracked. */
  const left = (after: Switched, own: Leaving | undefined, times: number, ...rules: Passage['rules']): Passage => together(after, own, { device, nowMs, major, times }, rules);
  const invalid = (rule: Passage['rules'][number]): Passage => left(before, { tracked: { state: 'invalid' }, pieces: alone }, 1, rule, 'ovs.sent-on');
  const tracked = (at: Switched, whole: Ip, pieces: Leaving['pieces'], ...rules: Passage['rules']): Passage => {
    const tracking = trackOvs(at.table, whole, device.passes[0]?.zone, nowMs);
    if ('unknown' in tracking) return unknown(before, tracking.unknown);
    const { table, rule } = tracking;
    // What makes a connection is tracked once more to be committed, each piece by itself.
    const times = table.nextLabel > at.table.nextLabel ? 1 + pieces.length : 1;
    return left({ ...at, table }, { tracked: tracking.tracked, pieces }, times, ...rules, rule, 'ovs.sent-on');
  };

  if (packet.kind === 'raw') return packet.why === 'version' ? unknown(before, 'Open vSwitch reads what is neither IPv4 nor IPv6 by its Ethernet type') : invalid('ovs.unsound');
  if (!isSound(packet)) return invalid('ovs.unsound');
  if (packet.kind === 'ipv6' && !hasSoundHeaders(packet)) return invalid('ovs.headers');
  if (packet.kind === 'ipv6' && hasHeadersInside(packet)) return unknown(before, 'of IPv6 extension headers behind that of a first fragment, Open vSwitch forgets how long they are');
  if (!isFragment(packet)) return tracked(before, packet, alone);
  const gathering = gatherOvs(before.queues, packet, event, device.passes[0]?.zone?.id ?? DEFAULT_ZONE, nowMs);
  return match(gathering)
    .returnType<Passage>()
    .with({ kind: 'alone' }, ({ rule }) => invalid(rule))
    .with({ kind: 'held' }, ({ rule, queues }) => left({ ...before, queues }, undefined, 1, rule))
    .with({ kind: 'complete' }, ({ rule, queues, packet: whole, pieces }) => tracked({ ...before, queues }, whole, pieces, rule))
    .with({ kind: 'unknown' }, ({ why }) => unknown(before, why))
    .exhaustive();
};

const unknown = (after: Switched, lost: string): Passage => ({ after, passes: [], left: [], rules: [], unspecified: lost, lost });

type Circumstances = { readonly device: Device; readonly nowMs: number; readonly major: Profile['ovsMajor']; readonly times: number };

/** What leaves with a packet: each time that it is tracked, one of those that wait for too long. */
const together = (after: Switched, own: Leaving | undefined, { device, nowMs, major, times }: Circumstances, rules: Passage['rules']): Passage => {
  let { queues } = after;
  const late: OvsQueue[] = [];
  for (let time = 0; time < times; time += 1) {
    const queue = lateQueue(queues, nowMs);
    if (!queue) break;
    late.push(queue);
    queues = queues.filter((other) => other !== queue);
  }
  const others = major === 3 ? byName(late) : [];
  const all = [...(own ? [own] : []), ...others].toSorted((a, b) => firstOf(a) - firstOf(b));
  if (major === 3 && all.reduce((sum, { pieces }) => sum + pieces.length, 0) > MOST_TOGETHER) return unknown(after, 'of more than 32 packets at once some wait for the next one');
  return {
    after: { ...after, queues },
    passes: all.map(({ tracked }) => tracked),
    left: all.map(({ pieces }) => ({ device: device.exit, pieces: pieces.map(({ packet }) => packet) })),
    rules: [...rules, ...late.map(() => LATE[major])],
  };
};

const LATE = { 3: 'ovs.fragments-late', 4: 'ovs.fragments-late-dropped' } as const;

/** A batch. Source: NETDEV_MAX_BURST; since 4.0 batches grow. */
const MOST_TOGETHER = 32;

const firstOf = ({ pieces }: Leaving): EventId => Math.min(...pieces.map(({ event }) => event));

/** Of two datagrams with one name, of different zones, nobody can tell the pieces apart. */
const byName = (late: readonly OvsQueue[]): readonly Leaving[] => {
  const named = new Map<string, readonly Piece[]>();
  for (const { source, destination, id, protocol, pieces } of late) {
    const name = [source, destination, id, protocol].join(' ');
    named.set(name, [...(named.get(name) ?? []), ...pieces]);
  }
  return [...named.values()].map((pieces) => ({ tracked: { state: 'invalid' }, pieces: pieces.toSorted((a, b) => a.start - b.start) }));
};

const isSound = (packet: Ip): boolean => packet.length === 'right' && (packet.kind === 'ipv6' || typeof packet.checksum === 'string');

/** All of them are there, and a whole datagram's fragment header has no reserved bits that look like an offset. */
const hasSoundHeaders = (packet: Ipv6): boolean => {
  if (isFragment(packet)) return true;
  const isCutOff = isExtension(packet.protocol);
  return !isCutOff && packet.extensions.every((header) => header.kind !== 'fragment' || header.reserved % 4 === 0);
};

const hasHeadersInside = (packet: Ipv6): boolean => isExtension(packet.protocol) && fragmentOf(packet)?.offset === 0;
