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
import { living } from './connection.ts';
import { control, CREATED, notListed } from './control.ts';
import { forward } from './forwarding.ts';
import { type Defragmentation, expire, gather, nothingWaits } from './fragments.ts';
import { readOptions } from './options.ts';
import type { Expected } from './outcome.ts';
import { admit } from './packet.ts';
import { type Profile, REFERENCE } from './profile.ts';
import type { Datagram } from './reassembly.ts';
import type { RuleId } from './rules.ts';
import type { Control, Playable, Receive } from './trace/event.ts';
import type { Device, Network } from './trace/network.ts';
import { type Ipv4, isFragment } from './trace/packet.ts';
import { type Table, track } from './tracking.ts';
import type { Zone } from './zone.ts';

export type State = {
  readonly network: Network;
  readonly profile: Profile;
  /** Virtual time since the network was opened. */
  readonly nowMs: number;
  /** Confirmed connections that are not expired. */
  readonly table: Table;
  readonly waiting: Defragmentation;
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
});

export const step = (state: State, event: Playable): Step => {
  const after = match(event)
    .with({ kind: 'receive' }, (receive) => arrive(state, receive))
    .with({ kind: 'advance' }, (advance) => passTime(state, advance.id, advance.milliseconds))
    .with({ kind: 'control' }, (command) => obey(state, command))
    .exhaustive();
  return state.lost === undefined ? after : { ...after, outcome: { ...after.outcome, unspecified: state.lost } };
};

const passTime = (state: State, event: number, milliseconds: number): Step => {
  const nowMs = state.nowMs + milliseconds;
  const { rules, waiting } = expire(state.waiting, nowMs, state.network.timeouts.fragmentMs);
  const connections = living(state.table.connections, nowMs);
  const expired: readonly RuleId[] = connections.length < state.table.connections.length ? ['connection.expired'] : [];
  return {
    state: { ...state, nowMs, waiting, table: { ...state.table, connections } },
    outcome: { event, passes: [], left: [], rules: [...rules, ...expired] },
  };
};

const obey = (state: State, event: Control): Step => {
  const { table, told, rules } = control(state.table, event, state.nowMs);
  const outcome = { event: event.id, passes: [], left: [], told, rules };
  const unknown = notAnswered(state, event);
  if (unknown === undefined) return { state: { ...state, table }, outcome };
  const lost = event.command === 'create' ? { lost: unknown } : {};
  return { state: { ...state, table, ...lost }, outcome: { ...outcome, unspecified: unknown } };
};

/** Why the model says nothing about a command. */
const notAnswered = (state: State, event: Control): string | undefined =>
  match(event)
    .with({ command: 'dump' }, () => state.table.connections.map(({ original }) => notListed(original)).find((why) => why !== undefined))
    .with({ command: 'get' }, { command: 'delete' }, ({ tuple }) => notListed(tuple))
    .with({ command: 'create' }, ({ original }) => (CREATED.has(original.protocol) ? undefined : 'only UDP and ICMP connections are created by control yet'))
    .with({ command: 'flush' }, { command: 'resize' }, () => undefined)
    .exhaustive();

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
  const device = deviceNamed(state.network, datagram.device);
  const forwarding = forward(datagram, device.exit);
  const left = 'pieces' in forwarding ? [{ device: forwarding.device, pieces: forwarding.pieces }] : [];
  const lost = notModelled(datagram.packet);
  if (lost !== undefined) return { state: { ...state, lost }, outcome: { event, passes: [], left: [], rules: before, unspecified: lost } };
  const zone = datagram.zone ?? assigned(device, 'after-defragmentation');
  const tracking = track(state.table, datagram.packet, zone, state);
  const rules = [...before, ...tracking.rules, forwarding.rule];
  const outcome = { event, passes: [tracking.tracked], left };
  if (!tracking.unconfirmed) return { state: { ...state, table: tracking.table }, outcome: { ...outcome, rules } };

  const { rule, connections } = confirm(tracking.table.connections, tracking.unconfirmed, left.length > 0);
  const leaves = rule === 'confirmation.clash' ? [] : left;
  return { state: { ...state, table: { ...tracking.table, connections } }, outcome: { ...outcome, left: leaves, rules: [...rules, rule] } };
};

/** The zone that a device's pass assigns at this time. */
const assigned = (device: Device, time: 'before-defragmentation' | 'after-defragmentation'): Zone | undefined =>
  device.passes[0]?.assigned === time ? device.passes[0].zone : undefined;

const deviceNamed = (network: Network, name: string): Device => {
  const device = network.devices.find((candidate) => candidate.name === name);
  if (!device) throw new RangeError(`step: the network has no device "${name}"`);
  return device;
};

/** What the model says nothing about, and nothing any more after it: the packet may have changed a connection. */
const notModelled = (packet: Ipv4): string | undefined =>
  readOptions(packet.options).kind === 'acted on' ? 'options that a router acts on are not modelled' : undefined;
