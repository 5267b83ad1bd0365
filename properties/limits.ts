/**
 * Limits changed: on other devices, of other zones, and simpler ones.
 */
import type { DeviceName, Limits, Network } from '../spec/trace/network.ts';
import type { ZoneId } from '../spec/zone.ts';
import type { Capabilities } from './subject.ts';

/** What a subject is capable of that has every limit. */
export const ALL_LIMITS = { connections: 40, zones: 20, counters: 40 } as const satisfies Capabilities['limits'];

/** The network with other limits; with none if nothing is left of them. */
export const withLimits = (network: Network, { connections, zones = [], counters = [] }: Limits): Network => {
  const { limits: _, era, extensions, ...others } = network;
  const dated = { ...(era && { era }), ...(extensions !== undefined && { extensions }) };
  const limits: Limits = {
    ...(connections !== undefined && { connections }),
    ...(zones.length > 0 && { zones }),
    ...(counters.length > 0 && { counters }),
  };
  return Object.keys(limits).length === 0 ? { ...dated, ...others } : { ...dated, limits, ...others };
};

/** Counters name devices otherwise, or no longer, where they are gone; a counter without devices goes too. */
export const withCountedDevices = (network: Network, nameOf: (device: DeviceName) => DeviceName | undefined): Network => {
  const { limits } = network;
  if (!limits?.counters) return network;
  const counters = limits.counters.map((counter) => ({ ...counter, devices: counter.devices.flatMap((device) => nameOf(device) ?? []) }));
  return withLimits(network, { ...limits, counters: counters.filter(({ devices }) => devices.length > 0) });
};

/** Limits of zones with other ids. Of two that come to name one zone the first stays. */
export const withLimitedZones = (network: Network, change: (zone: ZoneId) => ZoneId): Network => {
  const { limits } = network;
  if (!limits?.zones) return network;
  const zones = limits.zones.map((limit) => (limit.zone === undefined ? limit : { ...limit, zone: change(limit.zone) }));
  return withLimits(network, { ...limits, zones: zones.filter(({ zone }, index) => zones.findIndex((other) => other.zone === zone) === index) });
};

/** The ids that limits name. */
export const limitedZones = ({ limits }: Network): readonly ZoneId[] => (limits?.zones ?? []).flatMap(({ zone }) => zone ?? []);

/** Without one of the limits, or with a plainer one. */
export const withSimplerLimits = (network: Network): readonly Network[] => {
  const { limits } = network;
  if (!limits) return [];
  const { connections, zones = [], counters = [] } = limits;
  return [
    ...(connections === undefined ? [] : [{ zones, counters }]),
    ...zones.flatMap((limit, index) => [
      { ...limits, zones: zones.toSpliced(index, 1) },
      ...(zones.length === 1 ? [{ ...limits, zones: [{ connections: limit.connections }] }] : []),
    ]),
    ...counters.flatMap((counter, index) => [
      { ...limits, counters: counters.toSpliced(index, 1) },
      { ...limits, counters: counters.with(index, { ...counter, counts: 'all-zones' as const }) },
    ]),
  ].map((simpler) => withLimits(network, simpler));
};
