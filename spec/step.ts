/**
 * The step: what one event does to a network. Read it top to bottom to follow a packet.
 *
 *     admission -> zone (early) -> defragmentation -> zone (late) -> tracking -> forwarding -> confirmation
 *
 * Pure: a state and an event give the next state and what an observer sees, together with the rules that decided.
 *
 * Source: ip_rcv(), ipv4_conntrack_defrag(), nf_conntrack_in(), ip_forward(), nf_confirm(), in the order of their hooks.
 */
import { match } from 'ts-pattern';
import { confirm } from './confirmation.ts';
import { type Connection, connect, living } from './connection.ts';
import { forward } from './forwarding.ts';
import { type Defragmentation, expire, gather, nothingWaits } from './fragments.ts';
import { lookup } from './lookup.ts';
import { readOptions } from './options.ts';
import type { Expected } from './outcome.ts';
import { admit } from './packet.ts';
import { type Profile, REFERENCE } from './profile.ts';
import type { Datagram } from './reassembly.ts';
import type { RuleId } from './rules.ts';
import type { Playable, Receive } from './trace/event.ts';
import type { Device, Network } from './trace/network.ts';
import { type Ipv4, isFragment, UDP } from './trace/packet.ts';
import { tupleOf } from './tuple.ts';
import { inspect, refreshed, timerOf } from './udp.ts';
import type { Direction, Zone } from './zone.ts';
import type { Label, Tracked } from './trace/outcome.ts';

export type State = {
  readonly network: Network;
  readonly profile: Profile;
  /** Virtual time since the network was opened. */
  readonly nowMs: number;
  /** Confirmed and not expired. */
  readonly connections: readonly Connection[];
  readonly waiting: Defragmentation;
  /** For the next connection. */
  readonly nextLabel: Label;
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
  connections: [],
  waiting: nothingWaits,
  nextLabel: 1,
});

export const step = (state: State, event: Playable): Step => {
  const after = match(event)
    .with({ kind: 'receive' }, (receive) => arrive(state, receive))
    .with({ kind: 'advance' }, (advance) => passTime(state, advance.id, advance.milliseconds))
    .exhaustive();
  return state.lost === undefined ? after : { ...after, outcome: { ...after.outcome, unspecified: state.lost } };
};

const passTime = (state: State, event: number, milliseconds: number): Step => {
  const nowMs = state.nowMs + milliseconds;
  const { rules, waiting } = expire(state.waiting, nowMs, state.network.timeouts.fragmentMs);
  const connections = living(state.connections, nowMs);
  const expired: readonly RuleId[] = connections.length < state.connections.length ? ['connection.expired'] : [];
  return {
    state: { ...state, nowMs, waiting, connections },
    outcome: { event, passes: [], left: [], rules: [...rules, ...expired] },
  };
};

const arrive = (state: State, { id, device: name, packet }: Receive): Step => {
  const admission = admit(packet);
  if (admission.rule !== 'packet.admitted') {
    return { state, outcome: { event: id, passes: [], left: [], rules: [admission.rule] } };
  }
  const device = deviceNamed(state.network, name);
  const zone = assigned(device, 'before-defragmentation');
  if (!isFragment(admission.packet)) return goOn(state, id, { packet: admission.packet, device: name, zone }, [admission.rule]);

  const { network, nowMs } = state;
  const gathering = gather(state.waiting, admission.packet, name, zone, nowMs, network.fragments);
  const rules = [admission.rule, ...gathering.rules];
  const next = { ...state, waiting: gathering.waiting };
  return gathering.datagram
    ? goOn(next, id, gathering.datagram, rules)
    : { state: next, outcome: { event: id, passes: [], left: [], rules } };
};

/** A whole datagram goes on: tracking, forwarding, and then it is known what becomes of its connection. */
const goOn = (state: State, event: number, datagram: Datagram, before: readonly RuleId[]): Step => {
  const unknown = notModelled(datagram.packet);
  if (unknown) {
    const lost = unknown.stops ? { lost: unknown.why } : {};
    return { state: { ...state, ...lost }, outcome: { event, passes: [], left: [], rules: before, unspecified: unknown.why } };
  }
  const device = deviceNamed(state.network, datagram.device);
  const zone = datagram.zone ?? assigned(device, 'after-defragmentation');
  const tracking = track(state, datagram.packet, zone);
  const forwarding = forward(datagram, device.exit);
  const left = 'pieces' in forwarding ? [{ device: forwarding.device, pieces: forwarding.pieces }] : [];
  const rules = [...before, ...tracking.rules, forwarding.rule];
  const outcome = { event, passes: [tracking.tracked], left };
  if (!tracking.unconfirmed) return { state: tracking.state, outcome: { ...outcome, rules } };

  const { rule, connections } = confirm(tracking.state.connections, tracking.unconfirmed, left.length > 0);
  return { state: { ...tracking.state, connections }, outcome: { ...outcome, rules: [...rules, rule] } };
};

type Tracking = {
  readonly state: State;
  readonly tracked: Tracked;
  readonly rules: readonly RuleId[];
  /** The connection that was made for this packet, which is not in the table yet. */
  readonly unconfirmed?: Connection;
};

/** A datagram meets the table of its zone. */
const track = (state: State, packet: Ipv4, zone: Zone | undefined): Tracking => {
  const sanity = inspect(packet.payload);
  if (sanity.rule !== 'udp.sane') return { state, tracked: { state: 'invalid' }, rules: [sanity.rule] };

  const tuple = tupleOf(packet, sanity.udp);
  const found = lookup(state.connections, tuple, zone);
  if (found.rule === 'lookup.nothing') {
    const { connection, rule } = touched(connect(state.nextLabel, tuple, zone, state.nowMs), 'original', state);
    return {
      state: { ...state, nextLabel: state.nextLabel + 1 },
      tracked: seenAs('new', connection, 'original'),
      rules: [sanity.rule, found.rule, rule],
      unconfirmed: connection,
    };
  }
  const { connection, rule } = touched(found.connection, found.direction, state);
  const connections = state.connections.map((other) => (other === found.connection ? connection : other));
  return {
    state: { ...state, connections },
    tracked: seenAs(found.rule === 'lookup.original-half' ? 'new' : 'established', connection, found.direction),
    rules: [sanity.rule, found.rule, rule],
  };
};

const touched = (connection: Connection, direction: Direction, { nowMs, network, profile }: State) => {
  const timer = timerOf(connection, nowMs, network.timeouts, profile);
  return { connection: refreshed(connection, direction, nowMs, timer), rule: timer.rule };
};

const seenAs = (state: 'new' | 'established', connection: Connection, direction: Direction): Tracked => ({
  state,
  zone: connection.zone?.id ?? 0,
  direction,
  connection: connection.label,
});

/** The zone that a device's pass assigns at this time. */
const assigned = (device: Device, time: 'before-defragmentation' | 'after-defragmentation'): Zone | undefined =>
  device.passes[0]?.assigned === time ? device.passes[0].zone : undefined;

const deviceNamed = (network: Network, name: string): Device => {
  const device = network.devices.find((candidate) => candidate.name === name);
  if (!device) throw new RangeError(`step: the network has no device "${name}"`);
  return device;
};

/**
 * What the model says nothing about, so that nothing is compared. It `stops` if the packet may have changed a
 * connection that the model knows.
 */
const notModelled = (packet: Ipv4): { readonly why: string; readonly stops: boolean } | undefined => {
  if (packet.protocol !== UDP) return { why: 'only UDP is modelled yet', stops: false };
  return readOptions(packet.options).kind === 'acted on' ? { why: 'options that a router acts on are not modelled', stops: true } : undefined;
};
