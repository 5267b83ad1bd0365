/**
 * The step: what one event does to a network. Read it top to bottom to follow a packet.
 *
 *     admission -> rules (early) -> defragmentation -> rules (late) -> tracking -> forwarding -> confirmation
 *
 * Pure: a state and an event give the next state and what an observer sees, together with the rules that decided.
 *
 * Source: ip_rcv(), ipv4_conntrack_defrag(), nf_conntrack_in(), ip_forward(), nf_confirm(), in the order of their hooks; for
 * IPv6 ipv6_rcv(), ipv6_defrag(), ip6_forward().
 */
import { match } from 'ts-pattern';
import { assign, NOTHING_ATTACHED, zoneFor } from './assignment.ts';
import { comparison, confirm } from './confirmation.ts';
import { living } from './connection.ts';
import { control, notCreated, notListed, overIpv6 } from './control.ts';
import { eraOf } from './era.ts';
import { readHopByHop } from './extensions.ts';
import { forward } from './forwarding.ts';
import { forward6 } from './forwarding6.ts';
import { type Defragmentation, expire, gather, nothingWaits } from './fragments.ts';
import { type Defragmentation6, expire6, gather6, nothingWaits6 } from './fragments6.ts';
import { readOptions } from './options.ts';
import { isAboutTcp, notControlled } from './open-vswitch/control.ts';
import type { OvsQueue } from './open-vswitch/fragments.ts';
import { pass } from './open-vswitch/switch.ts';
import type { Expected } from './outcome.ts';
import { admit } from './packet.ts';
import { type Profile, REFERENCE } from './profile.ts';
import type { Datagram } from './reassembly.ts';
import type { RuleId } from './rules.ts';
import type { Control, Playable, Receive } from './trace/event.ts';
import type { Device, Network } from './trace/network.ts';
import { type Ip, type Ipv4, type Ipv6, isFragment } from './trace/packet.ts';
import { HOP_BY_HOP } from './wire/extensions.ts';
import { notTracked, type Table, track } from './tracking.ts';

export type State = {
  readonly network: Network;
  readonly profile: Profile;
  /** Virtual time since the network was opened. */
  readonly nowMs: number;
  /** Confirmed connections that are not expired. */
  readonly table: Table;
  readonly waiting: Defragmentation;
  readonly waiting6: Defragmentation6;
  /** What waits in Open vSwitch, instead of the other two. */
  readonly queues: readonly OvsQueue[];
  /** Why nothing after this point can be said any more: something happened that the model does not know. */
  readonly lost?: string;
};

/** What the model says of an event: what to see, and why. */
export type Explained = Expected & { readonly rules: readonly RuleId[] };

export type Step = { readonly state: State; readonly outcome: Explained };

/** A network to which nothing has happened. */
export const initial = (network: Network, profile: Profile = REFERENCE): State => ({
  network,
  profile,
  nowMs: 0,
  table: { connections: [], nextLabel: 1 },
  waiting: nothingWaits,
  waiting6: nothingWaits6,
  queues: [],
});

export const step = (state: State, event: Playable): Step => {
  const after = match(event)
    .with({ kind: 'receive' }, (receive) => (state.profile.datapath === 'linux' ? arrive(state, receive) : enter(state, receive)))
    .with({ kind: 'advance' }, (advance) => passTime(state, advance.id, advance.milliseconds))
    .with({ kind: 'control' }, (command) => obey(state, command))
    .exhaustive();
  return state.lost === undefined ? after : { ...after, outcome: { ...after.outcome, unspecified: state.lost } };
};

const passTime = (state: State, event: number, milliseconds: number): Step => {
  const nowMs = state.nowMs + milliseconds;
  const { timeouts } = state.network;
  const { rules, waiting } = expire(state.waiting, nowMs, timeouts.fragmentMs);
  const { rules: rules6, waiting: waiting6 } = expire6(state.waiting6, nowMs, timeouts.fragment6Ms);
  const connections = living(state.table.connections, nowMs);
  const expired: readonly RuleId[] = connections.length < state.table.connections.length ? ['connection.expired'] : [];
  return {
    state: { ...state, nowMs, waiting, waiting6, table: { ...state.table, connections } },
    outcome: { event, passes: [], left: [], rules: [...rules, ...rules6, ...expired] },
  };
};

const obey = (state: State, event: Control): Step => {
  const { table, told, rules } = control(state.table, event, state.nowMs, state.network);
  const outcome = { event: event.id, passes: [], left: [], told, rules };
  const unknown = notAnswered(state, event);
  if (unknown === undefined) return { state: { ...state, table }, outcome };
  const isHarmless = state.profile.datapath === 'linux' ? event.command === 'dump' || event.command === 'get' : isAboutTcp(event);
  const lost = isHarmless ? {} : { lost: unknown };
  return { state: { ...state, table, ...lost }, outcome: { ...outcome, unspecified: unknown } };
};

/** Why the model says nothing about a command. */
const notAnswered = (state: State, event: Control): string | undefined => {
  if (state.profile.datapath === 'open-vswitch') return notControlled(event);
  return match(event)
    .with({ command: 'dump' }, () => state.table.connections.map(({ original }) => notListed(original)).find((why) => why !== undefined))
    .with({ command: 'get' }, { command: 'delete' }, ({ tuple }) => notListed(tuple))
    .with({ command: 'create' }, ({ original, reply }) => notCreated(original) ?? overIpv6(reply))
    .with({ command: 'flush' }, () => state.table.connections.map(({ original }) => overIpv6(original)).find((why) => why !== undefined))
    .with({ command: 'resize' }, () => undefined)
    .exhaustive();
};

/** A packet in Open vSwitch. */
const enter = (state: State, { id, device, packet }: Receive): Step => {
  const { after, lost, unspecified: why, ...seen } = pass(state, packet, deviceNamed(state.network, device), state.nowMs);
  return { state: { ...state, ...after, ...(lost === undefined ? {} : { lost }) }, outcome: { event: id, ...seen, ...(why === undefined ? {} : { unspecified: why }) } };
};

const arrive = (state: State, { id, device: name, packet }: Receive): Step => {
  const admission = admit(packet);
  if (admission.rule !== 'packet.admitted') {
    return { state, outcome: { event: id, passes: [], left: [], rules: [admission.rule] } };
  }
  const { attached, rules } = assign(NOTHING_ATTACHED, deviceNamed(state.network, name), 'before-defragmentation', eraOf(state.network));
  const before = [admission.rule, ...rules];
  return match(admission.packet)
    .with({ kind: 'ipv4' }, (ipv4) => defragment(state, id, { packet: ipv4, device: name, attached }, before))
    .with({ kind: 'ipv6' }, (ipv6) => defragment6(state, id, { packet: ipv6, device: name, attached }, before))
    .exhaustive();
};

/** What is not to be tracked is not put together either. */
const defragment = (state: State, event: number, came: Datagram<Ipv4>, before: readonly RuleId[]): Step => {
  if (!isFragment(came.packet) || came.attached.tracking === 'off') return goOn(state, event, came, before);
  const { network, nowMs } = state;
  const gathering = gather(state.waiting, came.packet, came.device, came.attached, nowMs, network.fragments);
  return goOnIf({ ...state, waiting: gathering.waiting }, event, gathering.datagram, [...before, ...gathering.rules]);
};

const defragment6 = (state: State, event: number, came: Datagram<Ipv6>, before: readonly RuleId[]): Step => {
  const unknown = notModelled6(came.packet);
  if (unknown !== undefined) return unspecified({ ...state, lost: unknown }, event, before, unknown);
  if (came.attached.tracking === 'off') return goOn(state, event, came, before);
  const { network, nowMs } = state;
  const gathering = gather6(state.waiting6, came.packet, came.device, came.attached, nowMs, network.fragments);
  return goOnIf({ ...state, waiting6: gathering.waiting }, event, gathering.datagram, [...before, ...gathering.rules]);
};

/** Without a datagram nothing more is seen. */
const goOnIf = (state: State, event: number, datagram: Datagram | undefined, rules: readonly RuleId[]): Step =>
  datagram ? goOn(state, event, datagram, rules) : { state, outcome: { event, passes: [], left: [], rules } };

const unspecified = (state: State, event: number, rules: readonly RuleId[], why: string): Step => ({
  state,
  outcome: { event, passes: [], left: [], rules, unspecified: why },
});

/** A whole datagram goes on: tracking, forwarding, and then it is known what becomes of its connection. */
const goOn = (state: State, event: number, datagram: Datagram, before: readonly RuleId[]): Step => {
  const device = deviceNamed(state.network, datagram.device);
  const { attached, rules: late } = assign(datagram.attached, device, 'after-defragmentation', eraOf(state.network));
  const forwarding = leave({ ...datagram, attached }, device.exit);
  const left = 'pieces' in forwarding ? [{ device: forwarding.device, pieces: forwarding.pieces }] : [];
  const isOff = attached.tracking === 'off';
  const lost = notModelled(datagram.packet) ?? (isOff ? undefined : notTracked(datagram.packet));
  if (lost !== undefined) return unspecified({ ...state, lost }, event, before, lost);
  if (isOff) return { state, outcome: { event, passes: [{ state: 'untracked' }], left, rules: [...before, ...late, forwarding.rule] } };
  const tracking = track(state.table, datagram.packet, zoneFor(attached), state);
  if (!tracking.tracked) return { state: { ...state, table: tracking.table }, outcome: { event, passes: [], left: [], rules: [...before, ...late, ...tracking.rules] } };
  const rules = [...before, ...late, ...tracking.rules, forwarding.rule];
  const outcome = { event, passes: [tracking.tracked], left };
  if (!tracking.unconfirmed) return { state: { ...state, table: tracking.table }, outcome: { ...outcome, rules } };

  const era = eraOf(state.network);
  const { rule, connections } = confirm(tracking.table.connections, tracking.unconfirmed, left.length > 0 || forwarding.rule === 'forwarding6.headers', era);
  const leaves = rule === 'confirmation.clash' ? [] : left;
  return { state: { ...state, table: { ...tracking.table, connections } }, outcome: { ...outcome, left: leaves, rules: [...rules, ...comparison(tracking.unconfirmed.zone, era), rule] } };
};

const leave = ({ packet, ...datagram }: Datagram, exit: string) =>
  match(packet)
    .with({ kind: 'ipv4' }, (ipv4) => forward({ ...datagram, packet: ipv4 }, exit))
    .with({ kind: 'ipv6' }, (ipv6) => forward6({ ...datagram, packet: ipv6 }, exit))
    .exhaustive();

const deviceNamed = (network: Network, name: string): Device => {
  const device = network.devices.find((candidate) => candidate.name === name);
  if (!device) throw new RangeError(`step: the network has no device "${name}"`);
  return device;
};

/** What the model says nothing about, and nothing any more after it: the packet may have changed a connection. */
const notModelled = (packet: Ip): string | undefined =>
  packet.kind === 'ipv4' && readOptions(packet.options).kind === 'acted on' ? 'options that a router acts on are not modelled' : undefined;

/** The same of IPv6, before fragments are put together: the packet may be longer, or another one, than it seems. */
const notModelled6 = ({ extensions: [first], protocol }: Ipv6): string | undefined => {
  if (first === undefined && protocol === HOP_BY_HOP) return 'jumbograms are not modelled';
  const isActedOn = first?.kind === 'hop-by-hop' && readHopByHop(first.data) === 'acted on';
  return isActedOn ? 'options that a router acts on are not modelled' : undefined;
};

/** Why the model says nothing about a packet, if that is so: after it, nothing could be compared. */
export const notCovered = (packet: Ip): string | undefined =>
  (packet.kind === 'ipv6' ? notModelled6(packet) : undefined) ?? notModelled(packet);
