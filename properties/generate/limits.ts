/**
 * Limits of connections: rare, as few networks have them, and small, so that the few connections of a trace reach them.
 */
import type { Counter, Device, Limits, Network, ZoneLimit } from '../../spec/trace/network.ts';
import type { ZoneId } from '../../spec/zone.ts';
import { withLimits } from '../limits.ts';
import type { Capabilities } from '../subject.ts';
import { type Dice, nonEmpty } from './dice.ts';

type Ids = readonly [ZoneId, ...ZoneId[]];

/** More than the connections of most traces. */
const ROOMY = 64;

/** The network, perhaps with limits. Where tenants are to be apart, what all zones share is hardly ever used up. */
export const limited = (dice: Dice, network: Network, { limits: kinds }: Capabilities, isolated: boolean, ids: Ids): Network => {
  const isDrawn = (kind: keyof Limits): boolean => dice.between(1, 1000) <= (kinds[kind] ?? 0);
  return withLimits(network, {
    ...(isDrawn('connections') && { connections: isolated ? dice.between(ROOMY / 2, ROOMY) : dice.among(1, 1, 1, 2, 3, 5) }),
    ...(isDrawn('zones') && { zones: zones(dice, ids) }),
    ...(isDrawn('counters') && { counters: Array.from({ length: dice.among(1, 1, 2) }, () => counter(dice, network.devices, isolated)) }),
  });
};

/** One for all zones, one for some, or both. */
const zones = (dice: Dice, ids: Ids): readonly ZoneLimit[] => {
  const connections = (): number => dice.among(1, 1, 2, 2, 3, 8);
  const all: readonly ZoneLimit[] = dice.chance(70) ? [{ connections: connections() }] : [];
  const some = [...new Set(ids)].filter(() => dice.chance(all.length > 0 ? 30 : 60)).map((zone) => ({ zone, connections: connections() }));
  return [...some, ...all];
};

const counter = (dice: Dice, devices: readonly Device[], isolated: boolean): Counter => {
  const names = devices.map(({ name }) => name);
  const counted = dice.chance(60) ? names : names.filter(() => dice.chance(50));
  const shared = dice.chance(isolated ? 10 : 40);
  return {
    devices: counted.length === 0 ? [dice.among(...nonEmpty(names))] : counted,
    most: shared && isolated ? ROOMY : dice.among(0, 1, 1, 2, 2, 3),
    counts: shared ? 'all-zones' : 'each-zone',
  };
};
