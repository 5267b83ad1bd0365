/**
 * Three ways to hold zones, which no observer can tell apart.
 *
 * The RFC weighs two of them: a zone *extension* on connections that need one, which it chose, and the zone *in the
 * tuple*, which an older patch had. The third is what a zone means: *one table per zone*, each a whole world of its own.
 * They agree as long as zones are assigned before defragmentation, count in both directions, a packet is tracked in one of
 * them only, and nothing is shared by design (fragment distance, memory).
 */
import { match, P } from 'ts-pattern';
import { assign, type Attached, NOTHING_ATTACHED, zoneFor } from './assignment.ts';
import { limitOf } from './counting.ts';
import { canonical } from './outcome.ts';
import type { Profile } from './profile.ts';
import { inRealm, realmOf, withoutRealm } from './realm.ts';
import { initial, type State, step } from './step.ts';
import type { Playable } from './trace/event.ts';
import type { Device, Network, Pass } from './trace/network.ts';
import type { Bound, Listed, Outcome, Told, Tracked } from './trace/outcome.ts';
import type { Address, Packet } from './trace/packet.ts';
import type { Tuple } from './tuple.ts';
import { DEFAULT_ZONE, type ZoneId } from './zone.ts';

/** Plays events on a network, one outcome an event. */
export type Representation = (network: Network, profile: Profile, events: readonly Playable[]) => readonly Outcome[];

/** Connections carry a zone extension: the model itself. */
export const zoneAsExtension: Representation = (network, profile, events) => play(initial(network, profile), events);

/**
 * The zone is a part of every address, so tuples and queues differ by it, and nothing else knows of zones. An address is
 * only a name: nothing looks beyond its numbers, so the zone can stand behind them. What names no tuple, to flush or to
 * list a zone, has to go through all.
 */
export const zoneInTheTuple: Representation = (network, profile, events) => {
  let state = initial(withoutZones(network), profile);
  return events.map((event) => {
    const zone = zoneOfEvent(network, event);
    if (event.kind === 'control' && event.command === 'flush' && event.zone !== undefined) {
      state = { ...state, table: { ...state.table, connections: state.table.connections.filter(({ original }) => zoneIn(original.source) !== zone) } };
      return { event: event.id, passes: [], left: [], told: { kind: 'done' } };
    }
    const after = step(state, marked(event, zone));
    state = after.state;
    const outcome = restored(after.outcome, event.kind === 'control' ? undefined : zone);
    return event.kind === 'control' && event.command === 'dump' && event.zone !== undefined ? listing(outcome, (listed) => listed.zone === zone) : outcome;
  });
};

/** Every zone is a network of its own that has no zones. Time passes in all of them, and what names no zone is for all. */
export const oneTablePerZone: Representation = (network, profile, events) => {
  const ids = [...new Set([...network.devices.map((device) => zoneOfDevice(network, device.name)), ...events.flatMap((event) => zoneOfEvent(network, event) ?? [])])];
  const worlds = ids.map((id, world) => {
    const own = events.filter((event) => (zoneOfEvent(network, event) ?? id) === id).map(withoutZone);
    const outcomes = play(initial(limitedAs(id, withoutZones(network)), profile), own);
    return new Map(canonical(outcomes).map((outcome) => [outcome.event, inWorld(restored(outcome, id), world)]));
  });
  return events.map((event) => worlds.flatMap((world) => world.get(event.id) ?? []).reduce(together));
};

/** What several worlds say to one event. */
const together = (one: Outcome, other: Outcome): Outcome =>
  one.told?.kind === 'list' && other.told?.kind === 'list'
    ? { ...one, told: { kind: 'list', connections: [...one.told.connections, ...other.told.connections] } }
    : one;

const play = (start: State, events: readonly Playable[]): readonly Outcome[] => {
  let state = start;
  return events.map((event) => {
    const after = step(state, event);
    state = after.state;
    return after.outcome;
  });
};

/** What a packet that arrived whole carries when it is to be tracked. */
const carriedFrom = (device: Device): Attached =>
  assign(assign(NOTHING_ATTACHED, device, 'before-defragmentation').attached, device, 'after-defragmentation').attached;

const zoneOfDevice = (network: Network, name: string): ZoneId => {
  const device = network.devices.find((candidate) => candidate.name === name);
  return (device && zoneFor(carriedFrom(device))?.id) ?? DEFAULT_ZONE;
};

/** The zone that an event is about; undefined: every one. */
const zoneOfEvent = (network: Network, event: Playable): ZoneId | undefined =>
  match(event)
    .with({ kind: 'receive' }, ({ device }) => zoneOfDevice(network, device))
    .with({ kind: 'advance' }, { command: 'resize' }, () => undefined)
    .with({ command: P.union('flush', 'dump') }, ({ zone }) => zone)
    .with({ command: P.union('get', 'delete', 'create') }, ({ zone }) => zone?.id ?? DEFAULT_ZONE)
    .exhaustive();

const withoutZone = (event: Playable): Playable => {
  if (event.kind !== 'control' || event.command === 'resize') return event;
  const { zone: _, ...others } = event;
  return others;
};

/** What is not to be tracked still is not. */
const withoutZones = (network: Network): Network => ({
  ...network,
  devices: network.devices.map((device) => ({ ...device, passes: [carriedFrom(device).tracking === 'off' ? UNTRACKED : TRACKED] })),
});

/** The one zone that there is has the limit of this one. */
const limitedAs = (zone: ZoneId, network: Network): Network => {
  const connections = limitOf(network.limits, zone);
  return network.limits ? { ...network, limits: { ...network.limits, zones: Number.isFinite(connections) ? [{ connections }] : [] } } : network;
};

const TRACKED: Pass = { assigned: 'before-defragmentation' };
const UNTRACKED: Pass = { ...TRACKED, rules: [{ language: 'nft', assigned: 'before-defragmentation', does: 'notrack' }] };

/** The event with the zone in its addresses and nowhere else. */
const marked = (event: Playable, zone: ZoneId | undefined): Playable => {
  const mark = (name: string): string => inRealm(name, zone ?? DEFAULT_ZONE);
  return match(withoutZone(event))
    .returnType<Playable>()
    .with({ kind: 'receive' }, (receive) => ({ ...receive, packet: renamed(receive.packet, mark) }))
    .with({ command: P.union('get', 'delete') }, (command) => ({ ...command, tuple: renamedTuple(command.tuple, mark) }))
    .with({ command: 'create' }, (command) => ({ ...command, original: renamedTuple(command.original, mark), reply: renamedTuple(command.reply, mark) }))
    .otherwise((other) => other);
};

/** The zone whose realm an address is in. */
const zoneIn = (address: Address): ZoneId => Number(realmOf(address).slice(1));

/** The outcome with addresses and zone as an observer of the real network sees them. */
const restored = (outcome: Outcome, zone: ZoneId | undefined): Outcome => {
  const own = (listed: Listed): Listed => ({
    ...listed,
    zone: zone ?? zoneIn(listed.original.source),
    original: renamedTuple(listed.original, withoutRealm),
    reply: renamedTuple(listed.reply, withoutRealm),
  });
  return {
    ...listing(outcome, () => true, own),
    passes: outcome.passes.map((pass) => ('zone' in pass ? { ...pass, zone: zone ?? DEFAULT_ZONE, ...(pass.bound && { bound: unmarked(pass.bound) }) } : pass)),
    left: outcome.left.map((departure) => ({ ...departure, pieces: departure.pieces.map((piece) => renamed(piece, withoutRealm)) })),
  };
};

const unmarked = ({ original, reply }: Bound) => ({ original: renamedTuple(original, withoutRealm), reply: renamedTuple(reply, withoutRealm) });

/** The outcome with another list, if it has one. */
const listing = (outcome: Outcome, keep: (listed: Listed) => boolean, change: (listed: Listed) => Listed = (listed) => listed): Outcome => {
  if (outcome.told?.kind !== 'list') return outcome;
  const told: Told = { kind: 'list', connections: outcome.told.connections.filter(keep).map(change) };
  return { ...outcome, told };
};

/** Connections of different worlds are different connections, whatever number they have there. */
const inWorld = (outcome: Outcome, world: number): Outcome => {
  const own = (label: number): number => label * 65_536 + world;
  return {
    ...listing(outcome, () => true, (listed) => ({ ...listed, connection: own(listed.connection) })),
    passes: outcome.passes.map((pass): Tracked => ('connection' in pass ? { ...pass, connection: own(pass.connection) } : pass)),
  };
};

const renamed = (packet: Packet, rename: (address: string) => string): Packet =>
  packet.kind !== 'raw' ? { ...packet, source: rename(packet.source), destination: rename(packet.destination) } : packet;

const renamedTuple = (tuple: Tuple, rename: (address: string) => string): Tuple => ({
  ...tuple,
  source: rename(tuple.source),
  destination: rename(tuple.destination),
});
