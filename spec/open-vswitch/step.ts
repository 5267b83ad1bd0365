/**
 * Open vSwitch: what one event does to a switch.
 *
 * Pure, as spec/step.ts is: a state and an event give the next state and what an observer sees, with the rules that decided.
 */
import { match } from 'ts-pattern';
import { living } from '../connection.ts';
import { control } from '../control.ts';
import type { Profile } from '../profile.ts';
import type { Explained, Step } from '../step.ts';
import type { Advance, Control, Playable, Receive } from '../trace/event.ts';
import type { Network } from '../trace/network.ts';
import { asListed, notControlled } from './control.ts';
import { notPurged } from './fragments.ts';
import { pass, type Switched } from './switch.ts';

export type OvsState = Switched & {
  readonly network: Network;
  readonly major: Profile['ovsMajor'];
  /** Virtual time since the network was opened. */
  readonly nowMs: number;
  /** Why nothing after this point can be said any more: something happened that the model does not know. */
  readonly lost?: string;
};

/** A network to which nothing has happened. */
export const initialOvs = (network: Network, { ovsMajor }: Profile): OvsState => {
  const lost = notModelled(network);
  return { ...(lost !== undefined && { lost }), network, major: ovsMajor, nowMs: 0, table: { connections: [], nextLabel: 1 }, queues: [] };
};

/** What of a network nothing is said about. It searches ports in an order of its own, by a hash that no two daemons have alike. */
export const notModelled = ({ devices }: Network): string | undefined => {
  if (devices.some(({ nat, nat6 }) => nat !== undefined || nat6 !== undefined)) return "Open vSwitch's own translation is not modelled";
  return devices.some(({ helper }) => helper) ? "Open vSwitch's own reading of FTP is not modelled" : undefined;
};

export const stepOvs = (state: OvsState, event: Playable): Step<OvsState> => {
  const after = match(event)
    .with({ kind: 'receive' }, (receive) => enter(state, receive))
    .with({ kind: 'advance' }, (advance) => passTime(state, advance))
    .with({ kind: 'control' }, (command) => obey(state, command))
    .exhaustive();
  return state.lost === undefined ? after : { ...after, outcome: { ...after.outcome, unspecified: state.lost } };
};

const enter = (state: OvsState, { id, device: name, packet }: Receive): Step<OvsState> => {
  const device = state.network.devices.find((candidate) => candidate.name === name);
  if (!device) throw new RangeError(`stepOvs: the network has no device "${name}"`);
  const { after, lost, ...seen } = pass(state, packet, id, device, state.nowMs, state.major, state.network);
  return { state: { ...state, ...after, ...(lost === undefined ? {} : { lost }) }, outcome: { event: id, ...seen } };
};

const passTime = (state: OvsState, { id, milliseconds }: Advance): Step<OvsState> => {
  const nowMs = state.nowMs + milliseconds;
  const connections = living(state.table.connections, nowMs);
  const queues = notPurged(state.queues, nowMs);
  const rules: Explained['rules'] = [
    ...(queues.length < state.queues.length ? (['ovs.fragments-purged'] as const) : []),
    ...(connections.length < state.table.connections.length ? (['connection.expired'] as const) : []),
  ];
  return { state: { ...state, nowMs, queues, table: { ...state.table, connections } }, outcome: { event: id, passes: [], left: [], rules } };
};

const obey = (state: OvsState, event: Control): Step<OvsState> => {
  const { table, told, rules } = control(state.table, event, state.nowMs, state.network);
  const outcome = { event: event.id, passes: [], left: [], told: asListed(told), rules };
  const unknown = notControlled(event);
  if (unknown === undefined) return { state: { ...state, table }, outcome };
  return { state: { ...state, table, lost: unknown }, outcome: { ...outcome, unspecified: unknown } };
};
