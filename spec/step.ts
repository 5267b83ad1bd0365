/**
 * The step: what one event does to a network. Read it top to bottom to follow a packet.
 *
 *     admission -> rules (early) -> defragmentation -> rules (late) -> tracking -> translation of the destination
 *     -> forwarding -> translation of the source -> confirmation
 *
 * Pure: a state and an event give the next state and what an observer sees, together with the rules that decided.
 *
 * Source: ip_rcv(), ipv4_conntrack_defrag(), nf_conntrack_in(), nf_nat_inet_fn(), ip_forward(), nf_confirm(), in the order of their hooks; for
 * IPv6 ipv6_rcv(), ipv6_defrag(), ip6_forward().
 */
import { assign, NOTHING_ATTACHED, zoneFor } from './assignment.ts';
import { comparison, confirm } from './confirmation.ts';
import { type Connection, living } from './connection.ts';
import { control } from './control.ts';
import { count, type Evict, evictedOf, firstVictim, type Lists, nothingCounted } from './counting.ts';
import { eraOf } from './era.ts';
import { asTracked, readHopByHop } from './extensions.ts';
import { isHeard, readAlong, stillExpecting } from './expectations.ts';
import { forward } from './forwarding.ts';
import { forward6 } from './forwarding6.ts';
import { type Defragmentation, expire, gather, nothingWaits } from './fragments.ts';
import { type Defragmentation6, expire6, gather6, nothingWaits6 } from './fragments6.ts';
import { type Choose, firstOf } from './nat.ts';
import { readOptions } from './options.ts';
import type { Expected } from './outcome.ts';
import { admit } from './packet.ts';
import { passage } from './passage.ts';
import { type Profile, REFERENCE } from './profile.ts';
import type { Moment } from './protocol.ts';
import { withoutRealm } from './realm.ts';
import type { Datagram } from './reassembly.ts';
import type { RuleId } from './rules.ts';
import type { Control, EventId, Playable, Receive } from './trace/event.ts';
import type { Device, DeviceName, Network } from './trace/network.ts';
import type { Tracked } from './trace/outcome.ts';
import { type Address, type Ip, type Ipv4, type Ipv6, isFragment, type Packet } from './trace/packet.ts';
import { isAmong } from './wire/address.ts';
import { HOP_BY_HOP } from './wire/extensions.ts';
import { notTracked, type Table, track, type Tracking } from './tracking.ts';

export type State = {
  readonly network: Network;
  readonly profile: Profile;
  /** Virtual time since the network was opened. */
  readonly nowMs: number;
  /** Confirmed connections that are not expired. */
  readonly table: Table;
  /** What rules have counted. */
  readonly lists: Lists;
  readonly waiting: Defragmentation;
  readonly waiting6: Defragmentation6;
  /** The versions of IP of which anything in the network is translated (spec/nat.ts), and the machine's own addresses. */
  readonly translates: Readonly<Record<Ip['kind'], boolean>>;
  readonly own: readonly Address[];
  /** Why nothing after this point can be said any more: something happened that the model does not know. */
  readonly lost?: string;
};

/** What the model says of an event: what to see, and why. */
export type Explained = Expected & { readonly rules: readonly RuleId[] };

export type Step<S = State> = { readonly state: S; readonly outcome: Explained };

/** A network to which nothing has happened. */
export const initial = (network: Network, profile: Profile = REFERENCE): State => ({
  network,
  profile,
  nowMs: 0,
  table: { connections: [], nextLabel: 1 },
  lists: nothingCounted,
  waiting: nothingWaits,
  waiting6: nothingWaits6,
  translates: { ipv4: network.devices.some(({ nat }) => nat !== undefined), ipv6: network.devices.some(({ nat6 }) => nat6 !== undefined) },
  own: network.devices.flatMap(({ address, address6 }) => [address ?? [], address6 ?? []].flat()),
});

/** `choose` takes one of several ends to which a connection may be translated, `evict` those that end where the table is full. */
export const step = (state: State, event: Playable, choose: Choose = firstOf, evict: Evict = firstVictim): Step => {
  const after = taken(state, event, choose, evict);
  return state.lost === undefined ? after : { ...after, outcome: { ...after.outcome, unspecified: state.lost } };
};

const taken = (state: State, event: Playable, choose: Choose, evict: Evict): Step => {
  if (event.kind === 'receive') return arrive(state, event, choose, evict);
  return event.kind === 'advance' ? passTime(state, event.id, event.milliseconds) : obey(state, event, evict);
};

const passTime = (state: State, event: number, milliseconds: number): Step => {
  const nowMs = state.nowMs + milliseconds;
  const { timeouts } = state.network;
  const { rules, waiting } = expire(state.waiting, nowMs, timeouts.fragmentMs);
  const { rules: rules6, waiting: waiting6 } = expire6(state.waiting6, nowMs, timeouts.fragment6Ms);
  const alive = living(state.table.connections, nowMs);
  const connections = stillExpecting(alive, nowMs);
  const expired: readonly RuleId[] = [
    ...(alive.length < state.table.connections.length ? (['connection.expired'] as const) : []),
    ...(connections === alive ? [] : (['expectation.expired'] as const)),
  ];
  return {
    state: { ...state, nowMs, waiting, waiting6, table: { ...state.table, connections } },
    outcome: { event, passes: [], left: [], rules: [...rules, ...rules6, ...expired] },
  };
};

const obey = (state: State, event: Control, evict: Evict): Step => {
  const { table, told, rules, evicted } = control(state.table, event, state.nowMs, state.network, evict);
  return { state: { ...state, table }, outcome: { event: event.id, passes: [], left: [], told, ...(evicted && { evicted: evicted.map(evictedOf) }), rules } };
};

/** An event that brings a packet, who decides where something is open, and how often it was tracked before. */
type Arrival = { readonly id: EventId; readonly choose: Choose; readonly evict: Evict; readonly turn: number };

/** A packet arrives, and perhaps once more, at the other end of the device by which it left. */
const arrive = (state: State, { id, device, packet }: Receive, choose: Choose, evict: Evict): Step => {
  let { state: after, outcome } = meet(state, { id, choose, evict, turn: 0 }, device, packet);
  for (let at = crossing(state, outcome); at !== undefined && outcome.unspecified === undefined; at = crossing(state, outcome)) {
    const { peer, pieces } = at;
    outcome = { ...outcome, left: [], rules: [...outcome.rules, 'forwarding.crosses'] };
    for (const piece of pieces) {
      const next = meet(after, { id, choose, evict, turn: outcome.passes.length }, peer, piece);
      after = next.state;
      outcome = together(outcome, next.outcome);
    }
  }
  return { state: after, outcome };
};

/** What left by a device that has another end, and that end. */
const crossing = ({ network }: State, { left: [departure] }: Explained) => {
  const peer = departure && deviceNamed(network, departure.device).peer;
  return peer === undefined ? undefined : { peer, pieces: departure?.pieces ?? [] };
};

const together = (before: Explained, after: Explained): Explained => ({
  ...after,
  passes: [...before.passes, ...after.passes],
  left: [...before.left, ...after.left],
  ...((before.evicted ?? after.evicted) && { evicted: [...(before.evicted ?? []), ...(after.evicted ?? [])] }),
  rules: [...before.rules, ...after.rules],
});

const meet = (state: State, event: Arrival, name: DeviceName, packet: Packet): Step => {
  const { id } = event;
  const admission = admit(packet);
  if (admission.rule !== 'packet.admitted') {
    return { state, outcome: { event: id, passes: [], left: [], rules: [admission.rule] } };
  }
  const { attached, rules } = assign(NOTHING_ATTACHED, deviceNamed(state.network, name), 'before-defragmentation', eraOf(state.network));
  const before = [admission.rule, ...rules];
  const { packet: admitted } = admission;
  return admitted.kind === 'ipv4'
    ? defragment(state, event, { packet: admitted, device: name, attached }, before)
    : defragment6(state, event, { packet: admitted, device: name, attached }, before);
};

/** What is not to be tracked is not put together either. */
const defragment = (state: State, event: Arrival, came: Datagram<Ipv4>, before: readonly RuleId[]): Step => {
  if (!isFragment(came.packet) || came.attached.tracking === 'off') return goOn(state, event, came, before);
  const { network, nowMs } = state;
  const gathering = gather(state.waiting, came.packet, came.device, came.attached, nowMs, network.fragments);
  return goOnIf({ ...state, waiting: gathering.waiting }, event, gathering.datagram, [...before, ...gathering.rules]);
};

const defragment6 = (state: State, event: Arrival, came: Datagram<Ipv6>, before: readonly RuleId[]): Step => {
  const unknown = notModelled6(came.packet);
  if (unknown !== undefined) return unspecified({ ...state, lost: unknown }, event, before, unknown);
  if (came.attached.tracking === 'off') return goOn(state, event, came, before);
  const { network, nowMs } = state;
  const gathering = gather6(state.waiting6, came.packet, came.device, came.attached, nowMs, network.fragments);
  return goOnIf({ ...state, waiting6: gathering.waiting }, event, gathering.datagram, [...before, ...gathering.rules]);
};

/** Without a datagram nothing more is seen. */
const goOnIf = (state: State, event: Arrival, datagram: Datagram | undefined, rules: readonly RuleId[]): Step =>
  datagram ? goOn(state, event, datagram, rules) : { state, outcome: { event: event.id, passes: [], left: [], rules } };

const unspecified = (state: State, event: Arrival, rules: readonly RuleId[], why: string): Step => ({
  state,
  outcome: { event: event.id, passes: [], left: [], rules, unspecified: why },
});

/** A whole datagram goes on: tracking, forwarding, and then it is known what becomes of its connection. */
const goOn = (state: State, event: Arrival, datagram: Datagram, before: readonly RuleId[]): Step => {
  const device = deviceNamed(state.network, datagram.device);
  const { attached, rules: late } = assign(datagram.attached, device, 'after-defragmentation', eraOf(state.network));
  const isOff = attached.tracking === 'off';
  const lost = notModelled(datagram.packet) ?? (isOff ? undefined : notTracked(datagram.packet));
  if (lost !== undefined) return unspecified({ ...state, lost }, event, before, lost);
  const around = { table: state.table, zone: zoneFor(attached), moment: momentOf(state, event), ...(device.helper && { helper: device.helper }) };
  const tracking: Tracking = isOff ? { table: state.table, tracked: { state: 'untracked' }, rules: [] } : track(around, datagram.packet);
  const { tracked, connection } = tracking;
  const { rules: counted, lists, isOver } = count(state.lists, tracking.table.connections, connection, device.name, state.network);
  const after: State = { ...state, table: tracking.table, lists };
  const rules = [...before, ...late, ...tracking.rules, ...counted];
  const outcome: Explained = {
    event: event.id,
    passes: tracked ? [tracked] : [],
    left: [],
    ...(tracking.evicted && { evicted: tracking.evicted.map(evictedOf) }),
    rules: isOver && tracking.unconfirmed ? [...rules, 'confirmation.forgotten'] : rules,
  };
  return tracked && !isOver ? passOn(after, event, { ...datagram, attached }, device, tracking, tracked, outcome) : { state: after, outcome };
};

/** Who ends early is a question only where the table may be full. */
const momentOf = (state: State, { evict }: Arrival): Moment => (state.network.limits?.connections === undefined ? state : { evict, ...state });

/** It is tracked, and nobody dropped it yet. */
const passOn = (state: State, event: Arrival, datagram: Datagram, device: Device, tracking: Tracking, tracked: Tracked, before: Explained): Step => {
  const came = isHeard(tracking.connection, tracked) ? joined(datagram) : datagram;
  const { forwarding, connection, connections, rules: onTheWay } = through(state, event, came, device, tracking, tracked);
  const left = forwarding && 'pieces' in forwarding ? [{ device: forwarding.device, pieces: forwarding.pieces }] : [];
  const outcome: Explained = { ...before, left, rules: [...before.rules, ...onTheWay] };
  const arrived = left.length > 0 || forwarding?.rule === 'forwarding6.headers';
  const after: State = { ...state, table: { ...state.table, connections } };
  if (!tracking.unconfirmed || !connection) return arrived ? heard(after, connection, tracked, datagram.packet, outcome) : { state: after, outcome };

  const { rule, connections: confirmed } = confirm(connections, connection, arrived, state.network);
  const isConfirmed = rule === 'confirmation.confirmed';
  return {
    state: { ...state, table: { ...state.table, connections: confirmed } },
    outcome: {
      ...outcome,
      passes: isConfirmed && connection.bound ? [boundAs(tracked, connection)] : outcome.passes,
      left: isConfirmed ? left : [],
      rules: [...outcome.rules, ...comparison(connection.zone, eraOf(state.network)), rule],
    },
  };
};

/** A packet of a connection that is known leaves, unless its helper drops it. */
const heard = (state: State, connection: Connection | undefined, tracked: Tracked, packet: Ip, outcome: Explained): Step => {
  const { connections } = state.table;
  const reading = readAlong(connections, connection, tracked, packet, state);
  if (!reading) return { state, outcome };
  const rules = [...outcome.rules, ...reading.rules];
  if (reading.rewrites) return { state: { ...state, lost: REWRITES }, outcome: { ...outcome, passes: [], left: [], rules, unspecified: REWRITES } };
  const known = connections.map((other) => (other === connection ? reading.connection : other));
  return { state: { ...state, table: { ...state.table, connections: known } }, outcome: { ...outcome, left: reading.dropped ? [] : outcome.left, rules } };
};

/** A helper has all of a datagram in one piece before it reads. */
const joined = ({ came, ...datagram }: Datagram): Datagram => ({ ...datagram, ...(came && { came: { ...came, joined: Number.POSITIVE_INFINITY } }) });

const REWRITES = 'FTP that announces something behind a translation would be rewritten, which is not modelled';

const boundAs = (tracked: Tracked, { original, reply }: Connection): Tracked => ('connection' in tracked ? { ...tracked, bound: { original, reply } } : tracked);

/** Forwarding, with translation where there is any. */
const through = (state: State, { choose, turn }: Arrival, datagram: Datagram, arrival: Device, { table, connection, unconfirmed }: Tracking, tracked: Tracked) => {
  const { connections } = table;
  const { packet, came, attached } = datagram;
  if (!state.translates[packet.kind] || !connection || !('direction' in tracked)) {
    const forwarding = leave(datagram, exitOf(arrival, packet), state.own);
    return { forwarding, connection, connections, rules: [forwarding.rule] };
  }
  return passage(
    { packet, attached, ...(came && { came }), connection, connections, rules: [] },
    {
      direction: tracked.direction,
      isFirst: unconfirmed === true,
      isError: tracked.state === 'related' && asTracked(packet)?.payload.kind === 'icmp',
      arrival,
      exitTo: (destination) => deviceNamed(state.network, exitOf(arrival, { ...packet, destination })),
      own: state.own,
      choose: (side, ends) => choose(side, ends, turn),
      ...(datagram.firstDevice !== undefined && { firstDevice: datagram.firstDevice }),
    },
  );
};

const leave = ({ packet, ...datagram }: Datagram, exit: string, own: readonly Address[]) =>
  packet.kind === 'ipv4' ? forward({ packet, ...datagram }, exit, own) : forward6({ packet, ...datagram }, exit, own);

const exitOf = ({ routes, exit }: Device, { destination }: Ip): DeviceName =>
  routes?.find(({ to }) => isAmong(withoutRealm(destination), to))?.exit ?? exit;

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
