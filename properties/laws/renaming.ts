/** Renaming: an id is a name. Other ids, also such that are equal under a mask or a byte swap, change nothing. */
import { firstDifferenceOfRuns } from '../../spec/outcome.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { DEFAULT_ZONE, type ZoneId } from '../../spec/zone.ts';
import { type Canary, type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { run } from '../run.ts';
import { limitedZones, withLimitedZones } from '../limits.ts';
import type { Capabilities } from '../subject.ts';
import { withZoneIds, zoneIdsIn } from '../passes.ts';
import { activeTenants, all, memoised, noZoneChoosesAnAddress, noZoneChoosesAPort, tableIsNeverFull, withCommandZones, zoneNamed } from '../tenants.ts';
import { withZones } from './accounts.ts';
import { withDevices } from './canaries.ts';

type Renaming = (zone: ZoneId) => ZoneId;
type Choice = (trace: Trace, zones: Capabilities['zones']) => Renaming | undefined;

const checkWith =
  (choose: Choice): Check =>
  async (subject, trace) => {
    const renaming = activeTenants(trace).length > 0 ? choose(trace, subject.capabilities.zones) : undefined;
    if (!renaming) return premiseNotMet;
    const renamed = await run(subject, withNames(trace, renaming));
    const difference = firstDifferenceOfRuns(withZones(await run(subject, trace), renaming), renamed);
    return difference ? violated(difference) : held;
  };

const withNames = (trace: Trace, renaming: Renaming): Trace =>
  withDevices(withCommandZones({ ...trace, network: withLimitedZones(trace.network, renaming) }, renaming), (device) => withZoneIds(device, renaming));

/** The non-zero ids that devices assign, and limits and commands name, ascending. */
const idsIn = memoised((trace: Trace): readonly ZoneId[] => {
  const named = trace.events.flatMap((event) => (event.kind === 'control' ? [zoneNamed(event) ?? [], 'besides' in event && event.besides ? event.besides.id : []].flat() : []));
  return [...new Set([...trace.network.devices.flatMap(zoneIdsIn), ...limitedZones(trace.network), ...named])].filter((id) => id !== DEFAULT_ZONE).toSorted((a, b) => a - b);
});

/** New names for the first, second ... id in use. */
const FAMILIES: readonly ((index: number, ids: readonly ZoneId[]) => ZoneId)[] = [
  // 0x0001 and 0x0100, 0x0002 and 0x0200: each other's bytes swapped.
  (index) => (index % 2 === 0 ? index / 2 + 1 : (index + 1) * 128),
  // Equal in the low byte; the second one equal to zone 0.
  (index) => index * 256 + 1,
  (index) => (index + 1) * 256,
  // Equal in the low 12 bits.
  (index) => index * 4096 + 1,
  // From the far end: -1, -2 ... as signed 16-bit numbers.
  (index) => 65535 - index,
  // The same ids, each another's.
  (index, ids) => ids[(index + 1) % ids.length] ?? DEFAULT_ZONE,
];

/** Another family for another trace, among those whose names the subject can hold. */
const injective: Choice = (trace, zones) => {
  const ids = idsIn(trace);
  const start = ids.reduce((sum, id) => sum + id, trace.events.length) % FAMILIES.length;
  for (const family of [...FAMILIES.slice(start), ...FAMILIES.slice(0, start)]) {
    const names = new Map(ids.map((id, index) => [id, family(index, ids)]));
    const usable = [...names.values()].every((name) => name >= zones.from && name <= zones.to);
    const distinct = new Set(names.values()).size === ids.length;
    const changes = ids.some((id) => names.get(id) !== id);
    if (usable && distinct && changes) return (zone) => names.get(zone) ?? zone;
  }
  return undefined;
};

/** Every id gets the first one's name. */
const notInjective: Choice = (trace) => {
  const [first, second] = idsIn(trace);
  return first === undefined || second === undefined ? undefined : (zone) => (zone === DEFAULT_ZONE ? zone : first);
};

const twoZonesGetOneName: Canary = {
  id: 'not-injective',
  sentence: 'The renaming gives two zones one name.',
  fits: ({ zones }) => zones.to > zones.from,
  check: checkWith(notInjective),
};

export const renaming: Law = {
  id: 'renaming',
  sentence: 'Permuting the non-zero zone ids changes nothing but the ids.',
  needs: [],
  /** Names are names wherever zones are shared, late, or limited together, too. */
  boundary: all(noZoneChoosesAnAddress, noZoneChoosesAPort, tableIsNeverFull),
  check: checkWith(injective),
  canaries: [twoZonesGetOneName],
};
