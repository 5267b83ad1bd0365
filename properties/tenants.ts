/**
 * Whose is what: which tenant an event belongs to, what a tenant sees, and the boundaries inside which isolation must hold.
 */
import { assign, type Attached, NOTHING_ATTACHED, queueZone, zoneFor } from '../spec/assignment.ts';
import { type Budget, budgetsOf } from '../spec/counting.ts';
import { eraOf, knows } from '../spec/era.ts';
import type { Control, Event, EventId } from '../spec/trace/event.ts';
import type { Device, DeviceName, Network, ZoneRule } from '../spec/trace/network.ts';
import type { Outcome } from '../spec/trace/outcome.ts';
import { isReaction } from '../spec/trace/reaction.ts';
import type { Trace } from '../spec/trace/trace.ts';
import { isInverse } from '../spec/tuple.ts';
import { DEFAULT_ZONE, type Zone, type ZoneId } from '../spec/zone.ts';
import type { Capabilities } from './subject.ts';

/** The value of a pure function, computed once for each object it is asked about. */
export const memoised = <Key extends object, Value>(compute: (key: Key) => Value): ((key: Key) => Value) => {
  const known = new WeakMap<Key, { readonly value: Value }>();
  return (key) => {
    const kept = known.get(key);
    if (kept) return kept.value;
    const value = compute(key);
    known.set(key, { value });
    return value;
  };
};

/** The numbers of all tenants, in the network's order. */
export const tenantsOf = (trace: Trace): readonly number[] => trace.network.tenants.map((tenant) => tenant.number);

const deviceTenants = memoised(
  (network: Network): ReadonlyMap<DeviceName, number> =>
    new Map(network.tenants.flatMap((tenant) => tenant.devices.map((device) => [device, tenant.number] as const))),
);

/** The tenant that a device belongs to, if any. */
export const tenantOfDevice = (network: Network, device: DeviceName): number | undefined => deviceTenants(network).get(device);

const zoneTenants = memoised(
  (network: Network): ReadonlyMap<ZoneId, number> =>
    new Map(
      network.devices.toReversed().flatMap((device) => {
        const tenant = tenantOfDevice(network, device.name);
        return tenant === undefined || !isTracked(device) ? [] : [[zoneIdOf(device), tenant] as const];
      }),
    ),
);

/** The tenant whose devices assign a zone; of several, the one whose device stands first. */
const tenantOfZone = (network: Network, zone: ZoneId): number | undefined => zoneTenants(network).get(zone);

/** The zone that a command names; undefined if it is about all of them. */
export const zoneNamed = (event: Control): ZoneId | undefined => {
  if (event.command === 'resize') return undefined;
  return event.command === 'flush' || event.command === 'dump' ? event.zone : (event.zone?.id ?? DEFAULT_ZONE);
};

/** The trace with other zone ids in its commands. What names no zone, where that means zone 0, goes on naming none. */
export const withCommandZones = (trace: Trace, change: (zone: ZoneId) => ZoneId): Trace => ({
  ...trace,
  events: trace.events.map((event): Event => {
    if (event.kind !== 'control' || event.command === 'resize' || event.zone === undefined) return event;
    return event.command === 'flush' || event.command === 'dump'
      ? { ...event, zone: change(event.zone) }
      : { ...event, zone: { ...event.zone, id: change(event.zone.id) }, ...(event.besides && { besides: { ...event.besides, id: change(event.besides.id) } }) };
  }),
});

const owners = memoised((trace: Trace): ReadonlyMap<EventId, number | undefined> => {
  const known = new Map<EventId, number | undefined>();
  for (const event of trace.events) {
    if (event.kind === 'receive') known.set(event.id, tenantOfDevice(trace.network, event.device));
    if (isReaction(event)) known.set(event.id, known.get(event.to));
    if (event.kind === 'control') {
      const zone = zoneNamed(event);
      known.set(event.id, zone === undefined ? undefined : tenantOfZone(trace.network, zone));
    }
  }
  return known;
});

/**
 * The tenant whose packet an event is, or whose zone a command names; a reaction's is that of the event that it is made
 * of. Global events are nobody's, and neither is a command that names a zone which no device assigns.
 */
export const tenantOf = (trace: Trace, event: EventId): number | undefined => owners(trace).get(event);

/** Whether an event happens to everybody. */
export const isGlobal = (event: Event): boolean => event.kind === 'advance' || (event.kind === 'control' && zoneNamed(event) === undefined);

/** A tenant's own events, in order; global ones are not among them. */
export const eventsOf = (tenant: number, trace: Trace): readonly Event[] =>
  trace.events.filter((event) => tenantOf(trace, event.id) === tenant);

/** The tenants that have events of their own, in the network's order. */
export const activeTenants = memoised((trace: Trace): readonly number[] => {
  const active = new Set(owners(trace).values());
  return tenantsOf(trace).filter((tenant) => active.has(tenant));
});

const alone = memoised<Trace, Map<number, Trace>>(() => new Map());

/** The trace without the other tenants' events. The same call gives the same object, so that runs of it are shared. */
export const onlyOf = (tenant: number, trace: Trace): Trace => {
  const known = alone(trace);
  const kept = known.get(tenant) ?? withoutOthers(tenant, trace);
  known.set(tenant, kept);
  return kept;
};

const withoutOthers = (tenant: number, trace: Trace): Trace => {
  const events = trace.events.filter((event) => isGlobal(event) || tenantOf(trace, event.id) === tenant);
  return events.length === trace.events.length ? trace : { ...trace, events };
};

/** An account by its events. */
export const outcomesByEvent = memoised(
  (outcomes: readonly Outcome[]): ReadonlyMap<EventId, Outcome> => new Map(outcomes.map((outcome) => [outcome.event, outcome])),
);

/** The outcome of one event; empty if the account has none. */
export const outcomeOf = (outcomes: readonly Outcome[], event: EventId): Outcome =>
  outcomesByEvent(outcomes).get(event) ?? nothingSeen(event);

/**
 * What a tenant sees in an account of this trace, one outcome an event: of its own and global events everything, but of
 * lists, and of who ended early, only the connections of its zones; of others' events what left on its devices, which should be nothing.
 * `network` is the one that was played, where that had other zones.
 */
export const seenBy = (tenant: number, trace: Trace, outcomes: readonly Outcome[], network: Network = trace.network): readonly Outcome[] => {
  const zones = new Set(network.devices.filter((device) => tenantOfDevice(network, device.name) === tenant && isTracked(device)).map(zoneIdOf));
  const tenants = owners(trace);
  const known = outcomesByEvent(outcomes);
  return trace.events.map((event) => {
    const outcome = known.get(event.id) ?? nothingSeen(event.id);
    if (isGlobal(event) || tenants.get(event.id) === tenant) return withOwnList(zones, outcome);
    const left = outcome.left.filter((departure) => tenantOfDevice(trace.network, departure.device) === tenant);
    return { event: event.id, passes: [], left };
  });
};

const withOwnList = (zones: ReadonlySet<ZoneId>, outcome: Outcome): Outcome => {
  const { told, evicted } = outcome;
  if (told?.kind !== 'list' && !evicted) return outcome;
  return {
    ...outcome,
    ...(told?.kind === 'list' && { told: { ...told, connections: told.connections.filter(({ zone }) => zones.has(zone)) } }),
    ...(evicted && { evicted: evicted.filter(({ zone }) => zones.has(zone)) }),
  };
};

const nothingSeen = (event: EventId): Outcome => ({ event, passes: [], left: [] });

/** What a fragment that arrived on a device carries when it meets the queues. */
const carriedEarly = memoised((device: Device): Attached => assign(NOTHING_ATTACHED, device, 'before-defragmentation').attached);

/** What a datagram carries when it is to be tracked, whose first piece arrived on one device and whose last on another. */
const carriedBetween = (first: Device, last: Device): Attached => assign(carriedEarly(first), last, 'after-defragmentation').attached;

const carried = memoised((device: Device): Attached => carriedBetween(device, device));

/** The same device, set up so that nothing comes too late: one zone for both directions, before defragmentation. */
export const setUpWell = (device: Device): Device =>
  isTracked(device) ? { ...device, passes: [{ zone: { id: zoneIdOf(device), counts: 'both' }, assigned: 'before-defragmentation' }] } : device;

/** Whether what arrives whole on a device is tracked. */
export const isTracked = (device: Device): boolean => carried(device).tracking !== 'off';

/** The id of the zone that a device and its rules give to what arrives whole, in the directions where it counts. */
export const zoneIdOf = (device: Device): ZoneId => zoneFor(carried(device))?.id ?? DEFAULT_ZONE;

/** Whether a law speaks about a trace, or why not: on a subject of these capabilities; on any subject if none are given. */
export type Boundary = (trace: Trace, capabilities?: Capabilities) => true | string;

/** Inside every one of these; else the first reason. */
export const all =
  (...boundaries: readonly Boundary[]): Boundary =>
  (trace, capabilities) => {
    for (const boundary of boundaries) {
      const answer = boundary(trace, capabilities);
      if (answer !== true) return answer;
    }
    return true;
  };

/** A boundary is about the network alone, and many traces have the same one. */
const ofNetwork = (judge: (network: Network) => true | string): Boundary => {
  const known = memoised(judge);
  return (trace) => known(trace.network);
};

/** Whether a device or one of its rules names a zone that counts in one direction. */
export const isDirected = ({ passes }: Device): boolean =>
  passes.some(({ zone, rules = [] }) => (zone && zone.counts !== 'both') || rules.some((rule) => countsIn(rule) !== 'both'));

const countsIn = (rule: ZoneRule): Zone['counts'] => {
  if (rule.does === 'zone') return rule.zone.counts;
  return rule.does === 'zone-from-mark' ? rule.counts : 'both';
};

const noDirectionIsNamed: Boundary = ofNetwork((network) => (network.devices.some(isDirected) ? 'a zone counts in one direction only' : true));

const isDirectedCommand = (event: Event): boolean => event.kind === 'control' && (('zone' in event && typeof event.zone === 'object' && event.zone.counts !== 'both') || saysTwoZones(event));

const saysTwoZones = (event: Event): boolean => 'besides' in event && event.besides !== undefined;

/** Where a command says two zones, a zone 0 among them may be one too many. */
export const commandsSayOneZone: Boundary = ({ events }) => !events.some(saysTwoZones) || 'a command says two zones';

/** Where a zone counts in one direction only, its connections share the other one with zone 0. */
export const zonesCountInBothDirections: Boundary = (trace) => {
  const named = noDirectionIsNamed(trace);
  if (named !== true) return named;
  return trace.events.some(isDirectedCommand) ? 'a command names a zone that counts in one direction only' : true;
};

const oneZoneEach: Boundary = ofNetwork((network) => {
  const zones = new Map<number, ZoneId>();
  for (const device of network.devices) {
    const tenant = tenantOfDevice(network, device.name);
    if (tenant === undefined) return `device ${device.name} belongs to no tenant`;
    if (!isTracked(device)) continue;
    const zone = zoneIdOf(device);
    if ((zones.get(tenant) ?? zone) !== zone) return `tenant ${tenant} has two zones`;
    zones.set(tenant, zone);
  }
  return new Set(zones.values()).size === zones.size ? true : 'two tenants have one zone';
});

export const eachTenantHasItsOwnZone: Boundary = (trace) => {
  const directions = zonesCountInBothDirections(trace);
  return directions === true ? oneZoneEach(trace) : directions;
};

export const noPathJoinsTenants: Boundary = ofNetwork((network) => {
  const joint = network.devices.find(
    (device) => tenantOfDevice(network, device.name) !== tenantOfDevice(network, device.exit),
  );
  return joint ? `${joint.name} leads to another tenant's ${joint.exit}` : true;
});

/** Fragments wait in the zone that their datagram is tracked in. */
export const assignedBeforeDefragmentation: Boundary = ofNetwork((network) => {
  for (const device of network.devices) {
    const early = carriedEarly(device);
    if (early.tracking === 'off') continue;
    if (!isTracked(device)) return 'what is not to be tracked waits for its fragments in a zone';
    if (queueZone(early) === zoneIdOf(device)) continue;
    return early.tracking === undefined ? 'zones are assigned after defragmentation' : 'zones are assigned in a way that defragmentation does not see';
  }
  return true;
});

export const noFragmentIsPassedOn: Boundary = ofNetwork((network) =>
  network.devices.some((device) => carriedEarly(device).tracking === 'off') ? 'fragments that are not to be tracked are not put together' : true,
);

/** Fragments of two devices meet in one queue, and then the first piece has a say. An early zone 0 keeps a late zone away. */
export const datagramsHaveTheZoneOfTheirLastPiece: Boundary = ofNetwork(({ devices }) => {
  const gathered = devices.filter((device) => carriedEarly(device).tracking !== 'off');
  const differs = gathered.some((first) =>
    gathered.some((last) => queueZone(carriedEarly(first)) === queueZone(carriedEarly(last)) && !sameZone(carriedBetween(first, last), carried(last))),
  );
  return differs ? 'the zone of a datagram depends on where its first piece arrived' : true;
});

const sameZone = (a: Attached, b: Attached): boolean =>
  (a.tracking === 'off') === (b.tracking === 'off') && (zoneFor(a)?.id ?? DEFAULT_ZONE) === (zoneFor(b)?.id ?? DEFAULT_ZONE);

const isLate = ({ passes: [pass] }: Device): boolean => pass?.assigned === 'after-defragmentation';

/** An early zone 0 that is said keeps a late zone away from a datagram, one that is not said does not; and so it is with rules. */
export const zoneZeroKeepsNothingAway: Boundary = ofNetwork(({ devices }) => {
  if (devices.some(({ passes }) => passes.some(({ rules }) => rules !== undefined))) return 'rules stand behind each other';
  const early = devices.some((device) => zoneIdOf(device) === DEFAULT_ZONE && !isLate(device));
  const late = devices.some((device) => zoneIdOf(device) !== DEFAULT_ZONE && isLate(device));
  return early && late ? 'early and late zones are assigned side by side' : true;
});

export const noFragmentDistance: Boundary = ofNetwork((network) =>
  network.fragments.distance === 0 ? true : 'fragments of one source are counted over all zones',
);

const SHARED: Readonly<Record<Budget, string>> = {
  'fragment memory': 'all zones share one memory budget for fragments',
  extensions: 'all zones share one memory budget for extensions',
  table: 'all zones share one table, which may be full',
  counter: 'a rule counts the connections of all zones together, and there may be too many',
};

/** What all zones draw on together lasts, whatever becomes of the packets. */
export const noBudgetRunsOut: Boundary = (trace) => {
  const budget = budgetsOf(trace.network).find(([name, most]) => mostDrawn(trace, name) > most);
  return budget === undefined || SHARED[budget[0]];
};

/** Connections, of which an event makes one at most each time it is tracked. Of fragments everybody counts buffers of its own. */
const mostDrawn = ({ network, events }: Trace, budget: Budget): number =>
  budget === 'fragment memory' || leadsThroughPairs(network)
    ? Number.POSITIVE_INFINITY
    : events.filter((event) => event.kind !== 'advance' && (event.kind !== 'control' || event.command === 'create')).length;

/** A datagram that is complete goes on, as far as it is up to connections. */
export const nothingIsLimited: Boundary = ofNetwork(({ limits }) => limits === undefined || 'a connection may be one too many, and then its datagram goes no further');

/** Who ends where the table is full may depend on the zone's id, as a table is hashed by it. */
export const tableIsNeverFull: Boundary = (trace) => {
  const budget = budgetsOf(trace.network).find(([name, most]) => name === 'table' && mostDrawn(trace, name) > most);
  return budget === undefined || SHARED.table;
};

/** What is translated leaves as something else, and not at all if nothing is left to translate it to. */
export const nothingIsTranslated: Boundary = ofNetwork((network) => (translates(network) ? 'the network translates' : true));

/** Whether connections of a network are bound (spec/nat.ts). */
export const translates = (network: Network): boolean => network.devices.some(({ nat, nat6 }) => nat !== undefined || nat6 !== undefined);

/** Devices at which packets arrive from outside: all but those of a pair. */
export const doorsOf = memoised((network: Network): readonly Device[] => network.devices.filter(({ peer }) => peer === undefined));

/** Whether packets go through tracking more than once. */
export const leadsThroughPairs = (network: Network): boolean => doorsOf(network).length < network.devices.length;

/** The device by which packets leave in the end that arrive on one, if no route leads them elsewhere. */
export const wayOut = (network: Network, device: DeviceName): DeviceName => {
  const known = new Map(network.devices.map((candidate) => [candidate.name, candidate]));
  let exit = known.get(device)?.exit ?? device;
  for (let steps = known.size; steps > 0; steps -= 1) {
    const peer = known.get(exit)?.peer;
    if (peer === undefined) break;
    exit = known.get(peer)?.exit ?? exit;
  }
  return exit;
};


/** Until Linux 4.3 what a connection of one zone expects no other can. */
const nobodyExpectsForAll: Boundary = ofNetwork(
  (network) => knows(eraOf(network), 'linux-4.3') || !network.devices.some(({ helper }) => helper) || 'what is expected in one zone is in the way in all',
);

/** Commands that name a zone end or list what is in it, and look there. */
export const commandsKnowZones: Boundary = ({ network, events }) =>
  knows(eraOf(network), 'linux-6.8') || !events.some((event) => event.kind === 'control' && 'zone' in event && event.zone !== undefined) || 'commands do not heed the zone that they name';

const hasOneAddressEach = ofNetwork(({ devices }) =>
  devices.some(({ nat, nat6 }) => [nat?.source, nat?.destination, nat6?.source, nat6?.destination].some((rule) => rule && rule.to !== 'own' && rule.to.from !== rule.to.to))
    ? "which of several addresses is taken depends on the zone's id"
    : true,
);

/** Open vSwitch begins to search a range of ports at a hash of the connection, its zone among it. */
export const noZoneChoosesAPort: Boundary = ({ network }, capabilities) =>
  capabilities?.profile.datapath !== 'open-vswitch' ||
  !network.devices.some(({ nat, nat6 }) => [nat?.source, nat?.destination, nat6?.source, nat6?.destination].some((rule) => rule?.ports && rule.ports.from < rule.ports.to)) ||
  "which of several ports is taken may depend on the zone's id";

/** An address is taken whether it is free or not, and of what would be another's nothing leaves. */
export const noZoneChoosesAnAddress: Boundary = (trace, capabilities) => capabilities?.addressByZone === false || hasOneAddressEach(trace);

/** Control may make a connection to which an answer is none, and which then stands in the way of another. */
export const halvesAnswerEachOther: Boundary = ({ events }) =>
  events.every((event) => event.kind !== 'control' || event.command !== 'create' || isInverse(event.reply, event.original)) ||
  'a connection was created whose halves do not answer each other';

/** Where nothing that is shared by design stands between tenants. */
export const tenantsAreApart: Boundary = memoised(
  all(eachTenantHasItsOwnZone, noPathJoinsTenants, assignedBeforeDefragmentation, noFragmentDistance, noBudgetRunsOut, nobodyExpectsForAll, commandsKnowZones),
);
