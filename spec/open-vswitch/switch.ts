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
import { type Ip, isFragment } from '../trace/packet.ts';
import type { Departure, Tracked } from '../trace/outcome.ts';
import type { Table } from '../tracking.ts';
import type { Device } from '../trace/network.ts';
import { isExtension } from '../wire/extensions.ts';
import { DEFAULT_ZONE } from '../zone.ts';
import { gatherOvs, ovsFragmentRules, type OvsQueue, QUEUE_MS } from './fragments.ts';
import { ovsTrackingRules, trackOvs } from './tracking.ts';

const under = { datapath: 'open-vswitch' } as const;

const ovsSwitchRules = {
  'ovs.unsound': {
    sentence: 'What IP would refuse (too short, a length or a header checksum that is wrong) is invalid.',
    source: 'miniflow_extract(), extract_l3_ipv4()',
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

export const pass = (before: Switched, packet: Packet, device: Device, nowMs: number): Passage => {
  const alone = { device: device.exit, pieces: [packet] };
  const invalid = (...rules: Passage['rules']): Passage => ({ after: before, passes: [{ state: 'invalid' }], left: [alone], rules: [...rules, 'ovs.sent-on'] });
  const nothing = (lost: string): Passage => ({ after: before, passes: [], left: [], rules: [], unspecified: lost, lost });
  const zone = device.passes[0]?.zone;
  if (before.queues.some(({ createdMs }) => nowMs > createdMs + QUEUE_MS)) return nothing('fragments that waited too long leave with whatever comes next');
  if (packet.kind === 'raw') return packet.why === 'version' ? nothing('Open vSwitch reads what is neither IPv4 nor IPv6 by its Ethernet type') : invalid('ovs.unsound');
  if (!isSound(packet)) return invalid('ovs.unsound');
  if (packet.kind === 'ipv6' && !hasPlainHeaders(packet)) return nothing("IPv6's extension headers in Open vSwitch are not modelled");
  if (!isFragment(packet)) return tracked(before, packet, [packet], device, nowMs, []);
  const gathering = gatherOvs(before.queues, packet, zone?.id ?? DEFAULT_ZONE, nowMs);
  return match(gathering)
    .returnType<Passage>()
    .with({ kind: 'alone' }, ({ rule }) => invalid(rule))
    .with({ kind: 'held' }, ({ rule, queues }) => ({ after: { table: before.table, queues }, passes: [], left: [], rules: [rule] }))
    .with({ kind: 'complete' }, ({ rule, queues, packet: whole, pieces }) => tracked({ table: before.table, queues }, whole, pieces, device, nowMs, [rule]))
    .with({ kind: 'unknown' }, ({ why }) => nothing(why))
    .exhaustive();
};

const tracked = (before: Switched, packet: Ip, pieces: readonly Packet[], device: Device, nowMs: number, rules: Passage['rules']): Passage => {
  const tracking = trackOvs(before.table, packet, device.passes[0]?.zone, nowMs);
  const left = [{ device: device.exit, pieces }];
  if ('unknown' in tracking) return { after: before, passes: [], left, rules, unspecified: tracking.unknown, lost: tracking.unknown };
  const { table, rule } = tracking;
  return { after: { queues: before.queues, table }, passes: [tracking.tracked], left, rules: [...rules, rule, 'ovs.sent-on'] };
};

const isSound = (packet: Ip): boolean => packet.length === 'right' && (packet.kind === 'ipv6' || typeof packet.checksum === 'string');

/** None, or the one that a fragment has. */
const hasPlainHeaders = (packet: Ipv6): boolean => packet.extensions.length === (isFragment(packet) ? 1 : 0) && !isExtension(packet.protocol);
