/**
 * The devices of a network, numbered in their order: what each assigns, and where its packets leave.
 *
 * What a packet carries beside its bytes is two words: its mark, and what was attached for tracking, an assigned zone as
 * in connections.ts or one of the codes below. Everything that one device alone decides is computed when a network is
 * set; only where fragments of two devices meet rules are walked packet by packet.
 */
import { addressWord } from './address-word.ts';
import type { Device, Network, Time, ZoneRule } from '../../spec/trace/network.ts';
import type { Zone } from '../../spec/zone.ts';
import { ORIGINAL_ONLY, REPLY_ONLY } from './connections.ts';
import { within } from './limits.ts';
import { word } from './memory.ts';
import { NONE } from './pool.ts';

/** Nothing is attached: the default zone. */
const NOTHING = -1;
/** The packet is not to be tracked. */
export const OFF = -2;
/** A bit of an assigned zone whose id is in the mark. */
const IN_MARK = 4 << 16;

export type Devices = {
  readonly devicesMax: number;
  readonly numbers: Map<string, number>;
  /** What is assigned to a whole packet: a zone, or OFF. */
  readonly zone: Int32Array;
  /** What is attached to a packet before defragmentation, and its mark then. */
  readonly early: Int32Array;
  readonly mark: Int32Array;
  /** The zone that fragments wait in: 0 where the zone comes too late for them. OFF where they do not wait. */
  readonly fragmentZone: Int32Array;
  readonly exit: Int32Array;
  /** The other end of a pair, or NONE. */
  readonly peer: Int32Array;
  /** Routes of all devices together, those of one device in their order: whose it is, unsigned addresses, and the exit. */
  readonly routes: { device: number; from: number; to: number; exit: number }[];
  /** The rules that a datagram meets, by device. */
  late: readonly (readonly Step[])[];
};

export const createDevices = (devicesMax: number): Devices => ({
  devicesMax,
  numbers: new Map(),
  zone: new Int32Array(devicesMax),
  early: new Int32Array(devicesMax),
  mark: new Int32Array(devicesMax),
  fragmentZone: new Int32Array(devicesMax),
  exit: new Int32Array(devicesMax),
  peer: new Int32Array(devicesMax),
  routes: [],
  late: [],
});

/** Takes over a network's devices. Throws an Error in one sentence if the engine cannot play it. */
export const setDevices = (devices: Devices, network: Network): void => {
  const count = network.devices.length;
  if (count > devices.devicesMax) {
    throw new Error(`engine: the network has ${count} devices and the engine's limit is ${devices.devicesMax}`);
  }
  devices.numbers.clear();
  for (let number = 0; number < count; number++) devices.numbers.set(network.devices[number]?.name ?? '', number);
  if (devices.numbers.size !== count) throw new Error('engine: two devices have one name; give each its own');
  devices.routes.length = 0;
  devices.late = network.devices.map((device) => stepsOf(device, 'after-defragmentation', network.era));
  for (const [number, device] of network.devices.entries()) setDevice(devices, device, number, network.era);
};

const setDevice = (devices: Devices, device: Device, number: number, era: Network['era']): void => {
  const exit = devices.numbers.get(device.exit);
  if (exit === undefined || exit === number) {
    throw new Error(`engine: device ${device.name} needs another device of the network as its exit, not ${device.exit}`);
  }
  const carried: Carried = { attached: NOTHING, mark: 0 };
  for (const step of stepsOf(device, 'before-defragmentation', era)) meet(carried, step);
  devices.early[number] = carried.attached;
  devices.mark[number] = carried.mark;
  devices.fragmentZone[number] = queueZone(carried.attached);
  devices.zone[number] = assignedTo(devices, number, number);
  devices.exit[number] = exit;
  devices.peer[number] = device.peer === undefined ? NONE : otherDevice(devices, device.name, number, device.peer);
  for (const route of device.routes ?? []) {
    const { from, to } = route.to;
    devices.routes.push({ device: number, from: addressWord(from) >>> 0, to: addressWord(to) >>> 0, exit: otherDevice(devices, device.name, number, route.exit) });
  }
};

const otherDevice = (devices: Devices, name: string, number: number, other: string): number => {
  const found = devices.numbers.get(other);
  if (found === undefined || found === number) throw new Error(`engine: device ${name} leads to ${other}, which is no other device of the network`);
  return found;
};

/** Throws an Error unless a number stands for a device. */
export const checkDevice = (devices: Devices, number: number): void => within('a device', number, 0, devices.numbers.size - 1);

/**
 * The zone as it is assigned to a datagram of which the first piece arrived at one device and the last one at another, or
 * OFF; they are the same for a whole one. What was attached to a piece early stays with it, and the datagram keeps its
 * first piece's.
 */
export const zoneOfDatagram = (devices: Devices, first: number, last: number): number =>
  first === last ? word(devices.zone, first) : assignedTo(devices, first, last);

/** The zone in whose queues a device's fragments wait, or OFF: they go on by themselves. */
export const fragmentZoneOfDevice = (devices: Devices, number: number): number => word(devices.fragmentZone, number);
/** The exit for an IPv4 destination. */
export const exitTo = (devices: Devices, number: number, destination: number): number => {
  const { routes } = devices;
  for (let place = 0; place < routes.length; place++) {
    const route = routes[place];
    if (route?.device === number && destination >>> 0 >= route.from && destination >>> 0 <= route.to) return route.exit;
  }
  return exitOfDevice(devices, number);
};

export const peerOfDevice = (devices: Devices, number: number): number => word(devices.peer, number);
export const exitOfDevice = (devices: Devices, number: number): number => word(devices.exit, number);

/** What a packet carries; one record for rules to change. */
type Carried = { attached: number; mark: number };

/** A rule as two numbers. `zone` is what it attaches: a zone, OFF, or NOTHING if it gives a mark instead. */
type Step = { readonly zone: number; readonly mark: number; readonly isNft: boolean };

const assignedTo = (devices: Devices, first: number, last: number): number => {
  const carried: Carried = { attached: word(devices.early, first), mark: word(devices.mark, first) };
  for (const step of devices.late[last] ?? []) meet(carried, step);
  const { attached, mark } = carried;
  if (attached === NOTHING) return 0;
  return attached !== OFF && (attached & IN_MARK) !== 0 ? (attached & ~IN_MARK) | (mark & 0xffff) : attached;
};

const meet = (carried: Carried, { zone, mark, isNft }: Step): void => {
  if (zone === NOTHING) carried.mark = mark;
  // nft gives a zone to whatever has none, iptables to whatever has nothing attached.
  else if (carried.attached === NOTHING || (carried.attached === OFF && isNft && zone !== OFF)) {
    carried.attached = isNft && zone !== OFF && (zone & IN_MARK) !== 0 ? (zone & ~IN_MARK) | (carried.mark & 0xffff) : zone;
  }
};

const queueZone = (attached: number): number => {
  if (attached === OFF) return OFF;
  return attached === NOTHING || (attached & REPLY_ONLY) !== 0 ? 0 : attached & 0xffff;
};

/** A device's own zone comes first, as by a rule of nft. In the RFC it is all there is, and always there. */
const stepsOf = (device: Device, time: Time, era: Network['era']): readonly Step[] => {
  const [pass] = device.passes;
  if (pass === undefined || device.passes.length !== 1) {
    throw new Error(`engine: device ${device.name} has ${device.passes.length} passes; the engine plays exactly one`);
  }
  const isDevices = era === 'rfc-2010';
  const ownTime = isDevices ? 'before-defragmentation' : pass.assigned;
  const own: readonly Step[] = pass.zone && ownTime === time ? [{ zone: assignedWord(pass.zone), mark: 0, isNft: true }] : [];
  return isDevices ? own : [...own, ...(pass.rules ?? []).filter(({ assigned }) => assigned === time).map(stepOf)];
};

const stepOf = (rule: ZoneRule): Step => {
  const isNft = rule.language === 'nft';
  switch (rule.does) {
    case 'mark':
      within('a mark', rule.mark, 0, 0xffff_ffff);
      return { zone: NOTHING, mark: rule.mark | 0, isNft };
    case 'notrack':
      return { zone: OFF, mark: 0, isNft };
    case 'zone':
      return { zone: assignedWord(rule.zone), mark: 0, isNft };
    case 'zone-from-mark':
      return { zone: assignedWord({ id: 0, counts: rule.counts }) | IN_MARK, mark: 0, isNft };
    default:
      return rule satisfies never;
  }
};

/** A zone in one word, as connections have it. Throws an Error if its id is out of bounds. */
export const assignedWord = ({ id, counts }: Zone): number => {
  within('the id of a zone', id, 0, 0xffff);
  return id | (counts === 'original' ? ORIGINAL_ONLY : counts === 'reply' ? REPLY_ONLY : 0);
};
