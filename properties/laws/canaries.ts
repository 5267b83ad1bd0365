/**
 * Canaries that several laws share: each leads a trace just outside a boundary, where the law's own check must see a
 * violation. Deterministic, and the same trace gives the same object, so that laws share runs of it.
 */
import { anachronism, type Era } from '../../spec/era.ts';
import type { Device, FragmentLimits, Network } from '../../spec/trace/network.ts';
import { type Ip, type Ipv4, isFragment, lengthOf, type Packet } from '../../spec/trace/packet.ts';
import type { EventId, Reaction, Receive } from '../../spec/trace/event.ts';
import { isReaction } from '../../spec/trace/reaction.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { colouredPayload } from '../colours.ts';
import { type Canary, type Check, premiseNotMet } from '../law.ts';
import { withLimits as limitedTo } from '../limits.ts';
import type { Capabilities } from '../subject.ts';
import { activeTenants, memoised, tenantOf, tenantOfDevice } from '../tenants.ts';
import { assignedLate, devicesOf, fragmentsOf, from, interleave, scenario, tenantsInZones, udp, udp6 } from '../words.ts';

/** Leads a trace outside; undefined if it cannot be led there. */
export type Change = (trace: Trace) => Trace | undefined;

/** A canary that gives a law's check a changed trace, and nothing else. */
export const changed = (id: string, sentence: string, change: Change, check: Check): Canary => {
  const outside = memoised(change);
  return {
    id,
    sentence,
    fits: (capabilities) => {
      const trace = change(smallTrace(capabilities));
      return trace !== undefined && capabilities.excludes(trace) === undefined;
    },
    played: outside,
    check: (subject, trace) => {
      const other = outside(trace);
      return other === undefined || subject.capabilities.excludes(other) !== undefined ? premiseNotMet : check(subject, other);
    },
  };
};

/** Two tenants that send the same fragmented datagrams: what a subject must be able to play for a canary to fit. */
const smallTrace = ({ zones, ipv6 }: Capabilities): Trace => {
  const carried = { payload: colouredPayload(1, 1, 8) };
  const pieces = [...fragmentsOf(udp(carried), 2), ...(ipv6 ? fragmentsOf(udp6(carried), 2) : [])];
  return scenario({
    shows: 'Equal fragments of two tenants take turns.',
    network: tenantsInZones(zones.from, zones.to > zones.from ? zones.from + 1 : undefined),
    events: interleave(from(devicesOf(1)[0], pieces), from(devicesOf(2)[0], pieces)),
  });
};

/** The trace with nothing sent but such packets, and what they led to; undefined if nothing is sent then. */
export const only = (isKept: (packet: Packet) => boolean, reactions: readonly Reaction['kind'][]): Change =>
  memoised((trace) => {
    const kept = new Set<EventId>();
    const events = trace.events.filter((event) => {
      const stays = isReaction(event) ? reactions.includes(event.kind) && kept.has(event.to) : event.kind !== 'receive' || isKept(event.packet);
      if (stays) kept.add(event.id);
      return stays;
    });
    return events.some(({ kind }) => kind === 'receive') ? { ...trace, events } : undefined;
  });

const overIpv6 = only(({ kind }) => kind === 'ipv6', ['answer', 'error']);

/** The same change, where all that is sent is IPv6. */
const ofIpv6 = (change: Change): Change =>
  memoised((trace) => {
    const rest = overIpv6(trace);
    return rest && change(rest);
  });

/** The id after all that a trace has. */
export const freshId = (trace: Trace): EventId => trace.events.reduce((last, event) => Math.max(last, event.id), 0) + 1;

/** The network with other devices. */
export const withDevices = (trace: Trace, change: (device: Device) => Device): Trace => ({
  ...trace,
  network: { ...trace.network, devices: trace.network.devices.map(change) },
});

const withLimits = (trace: Trace, fragments: Partial<FragmentLimits>): Trace => ({
  ...trace,
  network: { ...trace.network, fragments: { ...trace.network.fragments, ...fragments } },
});

/** Every device gets the passes of the first tenant that has events. */
const inOneZone: Change = (trace) => {
  const [first, second] = activeTenants(trace);
  const model = trace.network.devices.find((device) => tenantOfDevice(trace.network, device.name) === first);
  return model && second !== undefined ? withDevices(trace, (device) => ({ ...device, passes: model.passes })) : undefined;
};
export const sharedTrace = memoised(inOneZone);

export const tenantsShareAZone = (check: Check): Canary =>
  changed('shared', 'Two tenants get one zone id while the check still takes them for two.', sharedTrace, check);

const sharedOverIpv6 = ofIpv6(sharedTrace);

/** Addresses of 16 bytes, and the quotes of ICMPv6, are compared with the zone. */
export const ipv6SharesAZone = (check: Check): Canary =>
  changed('shared-ipv6', 'Two tenants get one zone id, and all that they send is IPv6.', sharedOverIpv6, check);

const late = memoised<Trace, Trace | undefined>((trace) => ({ ...trace, network: assignedLate(trace.network) }));

export const assignedAfterDefragmentation = (check: Check): Canary =>
  changed('after-defragmentation', 'Zones are assigned too late to keep fragments apart.', late, check);

const lateOverIpv6 = ofIpv6(late);

export const ipv6AssignedAfterDefragmentation = (check: Check): Canary =>
  changed('after-defragmentation-ipv6', 'Zones are assigned too late to keep fragments of IPv6 apart.', lateOverIpv6, check);

const distanceOfTwo = memoised<Trace, Trace | undefined>((trace) => withLimits(trace, { distance: 2 }));

export const fragmentDistanceOfTwo = (check: Check): Canary =>
  changed('distance-2', 'More than two fragments of one source, in any zone, break off a datagram of it.', distanceOfTwo, check);

/**
 * The memory is as large as the largest fragment, so that two fragments of one tenant fit alone, but not beside
 * another tenant's.
 */
const tinyMemory = memoised<Trace, Trace | undefined>((trace) => {
  const sizes = trace.events.flatMap((event) => (event.kind === 'receive' && event.packet.kind !== 'raw' && isFragment(event.packet) ? [dataLength(event.packet)] : []));
  return sizes.length === 0 ? undefined : withLimits(trace, { memoryBytes: sizes.reduce((a, b) => Math.max(a, b)) });
});

export const tinySharedMemory = (check: Check): Canary =>
  changed('tiny-memory', 'All zones share a memory for fragments that holds hardly one.', tinyMemory, check);

/** A table that one connection fills. */
const tableOfOne = memoised<Trace, Trace | undefined>((trace) => ({ ...trace, network: limitedTo(trace.network, { connections: 1 }) }));

export const tableIsFull = (check: Check): Canary =>
  changed('full-table', 'All zones share a table that one connection fills.', tableOfOne, check);

const counterOfOne = memoised<Trace, Trace | undefined>((trace) => {
  const devices = trace.network.devices.map(({ name }) => name);
  return { ...trace, network: limitedTo(trace.network, { counters: [{ devices, most: 1, counts: 'all-zones' }] }) };
});

export const countedInAllZones = (check: Check): Canary =>
  changed('one-counter', 'A rule counts the connections of all zones, and allows one.', counterOfOne, check);

/** The era that had zones in extensions and rules that give them. */
const OF_EXTENSIONS: Era = 'linux-2010';

const extensionForOne = memoised<Trace, Trace | undefined>((trace) => {
  const { limits, ...others } = trace.network;
  const network: Network = { ...others, era: OF_EXTENSIONS, extensions: 1, ...(limits && { limits }) };
  return anachronism(network) === undefined ? { ...trace, network } : undefined;
});

export const extensionsRunOut = (check: Check): Canary =>
  changed('one-extension', 'All zones share the memory for one extension.', extensionForOne, check);

/** The distance that the kernel has unless it is told otherwise: net.ipv4.ipfrag_max_dist. */
const KERNEL_DISTANCE = 64;

/**
 * Between two fragments of one tenant another one sends as many lone first fragments from the same source as the
 * kernel tolerates; the second fragment itself is one too many.
 */
const flooded = memoised<Trace, Trace | undefined>((trace) => {
  const torn = tornDatagram(trace);
  const other = torn && activeTenants(trace).find((tenant) => tenant !== tenantOf(trace, torn.id));
  const device = trace.network.tenants.find((tenant) => tenant.number === other)?.devices[0];
  if (!torn || other === undefined || device === undefined) return undefined;
  const id = freshId(trace);
  const flood = Array.from({ length: KERNEL_DISTANCE }, (_, index): Receive => {
    const packet: Ipv4 = {
      ...torn.packet,
      id: (torn.packet.id + 1 + index) & 0xffff,
      offset: 0,
      mf: true,
      payload: { kind: 'opaque', bytes: colouredPayload(other, index, 8), why: 'fragment' },
    };
    return { kind: 'receive', id: id + index, device, packet };
  });
  const events = trace.events.flatMap((event) => (event.id === torn.id ? [event, ...flood] : [event]));
  return withLimits({ ...trace, events }, { distance: KERNEL_DISTANCE });
});

export const kernelsOwnDistance = (check: Check): Canary =>
  changed('distance-64', "A flood of another tenant's fragments breaks off a datagram, as it does on a kernel left alone.", flooded, check);

type FragmentEvent = Receive & { readonly packet: Ipv4 };

const fragmentsIn = (trace: Trace): readonly FragmentEvent[] =>
  trace.events.filter((event): event is FragmentEvent => event.kind === 'receive' && event.packet.kind === 'ipv4' && isFragment(event.packet));

/** A first fragment that waits for the tenant's next event, which is its last one; in that order they make a datagram. */
const tornDatagram = (trace: Trace): FragmentEvent | undefined => {
  const waiting = new Map<string, FragmentEvent>();
  for (const event of fragmentsIn(trace)) {
    const { packet } = event;
    const key = `${tenantOf(trace, event.id)} ${packet.source} ${packet.destination} ${packet.id} ${packet.protocol}`;
    const first = waiting.get(key);
    if (first && !packet.mf && packet.offset === dataLength(first.packet)) return first;
    if (packet.offset === 0) waiting.set(key, event);
  }
  return undefined;
};

const dataLength = (packet: Ip): number => (packet.payload.kind === 'opaque' ? lengthOf(packet.payload.bytes) : 0);
