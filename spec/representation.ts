/**
 * Three ways to hold zones, which no observer can tell apart.
 *
 * The RFC weighs two of them: a zone *extension* on connections that need one, which it chose, and the zone *in the
 * tuple*, which an older patch had. The third is what a zone means: *one table per zone*, each a whole world of its own.
 * They agree as long as zones are assigned before defragmentation, count in both directions, and nothing is shared by
 * design (fragment distance, memory).
 */
import { canonical } from './outcome.ts';
import type { Profile } from './profile.ts';
import { inRealm, withoutRealm } from './realm.ts';
import { initial, type State, step } from './step.ts';
import type { Playable, Receive } from './trace/event.ts';
import type { Network } from './trace/network.ts';
import type { Outcome, Tracked } from './trace/outcome.ts';
import type { Packet } from './trace/packet.ts';
import { DEFAULT_ZONE, type ZoneId } from './zone.ts';

/** Plays events on a network, one outcome an event. */
export type Representation = (network: Network, profile: Profile, events: readonly Playable[]) => readonly Outcome[];

/** Connections carry a zone extension: the model itself. */
export const zoneAsExtension: Representation = (network, profile, events) => play(initial(network, profile), events);

/**
 * The zone is a part of every address, so tuples and queues differ by it, and nothing else knows of zones. An address is
 * only a name: nothing looks beyond its four numbers, so the zone can stand behind them.
 */
export const zoneInTheTuple: Representation = (network, profile, events) => {
  const marked = events.map((event) => (event.kind === 'receive' ? withZone(event, zoneOfDevice(network, event.device)) : event));
  const outcomes = play(initial(withoutZones(network), profile), marked);
  return outcomes.map((outcome, index) => restored(outcome, zoneOfEvent(network, events[index])));
};

/** Every zone is a network of its own that has no zones. Time passes in all of them. */
export const oneTablePerZone: Representation = (network, profile, events) => {
  const ids = [...new Set(network.devices.map((device) => zoneOfDevice(network, device.name)))];
  const worlds = ids.map((id) => {
    const own = events.filter((event) => event.kind === 'advance' || zoneOfDevice(network, event.device) === id);
    const outcomes = play(initial(withoutZones(network), profile), own);
    return new Map(canonical(outcomes).map((outcome) => [outcome.event, inWorld(restored(outcome, id), ids.indexOf(id))]));
  });
  return events.map((event) => {
    const world = ids.indexOf(zoneOfEvent(network, event));
    return worlds[Math.max(world, 0)]?.get(event.id) ?? { event: event.id, passes: [], left: [] };
  });
};

const play = (start: State, events: readonly Playable[]): readonly Outcome[] => {
  let state = start;
  return events.map((event) => {
    const after = step(state, event);
    state = after.state;
    return after.outcome;
  });
};

const zoneOfDevice = (network: Network, name: string): ZoneId =>
  network.devices.find((device) => device.name === name)?.passes[0]?.zone?.id ?? DEFAULT_ZONE;

const zoneOfEvent = (network: Network, event: Playable | undefined): ZoneId =>
  event?.kind === 'receive' ? zoneOfDevice(network, event.device) : DEFAULT_ZONE;

const withoutZones = (network: Network): Network => ({
  ...network,
  devices: network.devices.map((device) => ({ ...device, passes: [{ assigned: 'before-defragmentation' }] })),
});

const withZone = (event: Receive, zone: ZoneId): Receive => ({ ...event, packet: renamed(event.packet, (name) => inRealm(name, zone)) });

/** The outcome with addresses and zone as an observer of the real network sees them. */
const restored = (outcome: Outcome, zone: ZoneId): Outcome => ({
  ...outcome,
  passes: outcome.passes.map((pass) => ('zone' in pass ? { ...pass, zone } : pass)),
  left: outcome.left.map((departure) => ({
    ...departure,
    pieces: departure.pieces.map((piece) => renamed(piece, withoutRealm)),
  })),
});

/** Connections of different worlds are different connections, whatever number they have there. */
const inWorld = (outcome: Outcome, world: number): Outcome => ({
  ...outcome,
  passes: outcome.passes.map((pass): Tracked => ('connection' in pass ? { ...pass, connection: pass.connection * 65_536 + world } : pass)),
});

const renamed = (packet: Packet, rename: (address: string) => string): Packet =>
  packet.kind === 'ipv4' ? { ...packet, source: rename(packet.source), destination: rename(packet.destination) } : packet;
