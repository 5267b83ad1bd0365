/**
 * Rules that count connections, in nft's language, and the pauses without which the kernel counts otherwise.
 *
 * A rule has its list, and a list is gone through once in a tick of the kernel's clock at most: what comes in the same tick
 * is added without a look. So the session waits after each packet that is counted.
 *
 * Source: nf_conncount.c, __nf_conncount_add(), find_or_evict(), which takes what is two ticks old for old.
 */
import { zoneIdsIn } from '../../../properties/passes.ts';
import type { DeviceName, Network } from '../../../spec/trace/network.ts';
import type { Trace } from '../../../spec/trace/trace.ts';
import { DEFAULT_ZONE, type ZoneId } from '../../../spec/zone.ts';
import { type Libc, must } from './libc.ts';
import { deviceName } from './ports.ts';

/** What a rule's list holds at most before it is gone through, or the kernel leaves some of it for later. */
const MOST_COUNTED = 8;

/** The lines of a chain behind tracking. */
export const countersOf = (network: Network): readonly string[] => {
  const { devices, limits } = network;
  const indexes = new Map(devices.map(({ name }, index) => [name, index]));
  return (limits?.counters ?? []).flatMap(({ devices: names, most, counts }) => {
    const counted = names.map((name) => `"${deviceName(indexes.get(name) ?? -1)}"`).join(', ');
    const rule = (zone: string): string => `iifname { ${counted} } ct state new,established,related ${zone}ct count over ${most} drop`;
    return counts === 'all-zones' ? [rule('')] : zonesIn(network).map((id) => rule(`ct zone ${id} `));
  });
};

/** Every zone that a packet's connection may be in. */
const zonesIn = ({ devices }: Network): readonly ZoneId[] => [...new Set([DEFAULT_ZONE, ...devices.flatMap(zoneIdsIn)])].toSorted((a, b) => a - b);

/** Why a trace's limits cannot be played, or undefined. */
export const limitsProblem = ({ network, events }: Trace, counts: boolean): string | undefined => {
  const { limits, devices } = network;
  if (limits?.connections !== undefined) return 'a full table, because its size is one for the whole machine';
  if (limits?.zones) return 'a limit of each zone, which the kernel has in its part of Open vSwitch only';
  const { counters = [] } = limits ?? {};
  if (counters.length === 0) return undefined;
  if (!counts) return 'rules that count connections, which this kernel does not have (nft_connlimit)';
  if (counters.some(({ most }) => most > MOST_COUNTED)) return `a rule that counts to more than ${MOST_COUNTED}, of which some may be left for later`;
  if (devices.some(({ peer }) => peer !== undefined)) return 'a rule that counts where packets are tracked twice at once';
  const known = zonesIn(network);
  const strange = events.some((event) => event.kind === 'control' && event.command === 'create' && [event.zone, event.besides].some((zone) => zone && !known.includes(zone.id)));
  return strange && counters.some(({ counts }) => counts === 'each-zone') ? 'a rule that counts in each zone, and a connection created in one that no device assigns' : undefined;
};

/** To be called before each packet: waits where the device counts and a packet was counted before. A tick takes so many milliseconds. */
export const paceOf = ({ limits }: Network, tickMs: number): ((device: DeviceName) => void) => {
  const counted = new Set(limits?.counters?.flatMap(({ devices }) => devices));
  let isFirst = true;
  return (device) => {
    if (!counted.has(device)) return;
    if (!isFirst) Atomics.wait(NEVER, 0, 0, Math.ceil(2 * tickMs) + 1);
    isFirst = false;
  };
};

const NEVER = new Int32Array(new SharedArrayBuffer(4));

// include/uapi/linux/time.h
const CLOCK_MONOTONIC_COARSE = 6;

/** How long a tick of the kernel's clock takes. */
export const tickMs = (libc: Libc): number => {
  const time = Buffer.alloc(16);
  must(libc, libc.clockResolution(CLOCK_MONOTONIC_COARSE, time), 'clock_getres');
  return Number(time.readBigInt64LE(0)) * 1000 + Number(time.readBigInt64LE(8)) / 1_000_000;
};
