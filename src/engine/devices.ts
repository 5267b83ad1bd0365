/**
 * The devices of a network, numbered in their order: the zone that each assigns, and where its packets leave.
 */
import type { Network } from '../../spec/trace/network.ts';
import { addressWord } from './address-word.ts';
import { within } from './limits.ts';
import { word } from './memory.ts';
import { NONE } from './pool.ts';

type Devices = {
  readonly devicesMax: number;
  readonly numbers: Map<string, number>;
  readonly zone: Int32Array;
  /** 1 where a zone, be it 0, is assigned before defragmentation. */
  readonly early: Int32Array;
  /** The zone that fragments wait in: 0 where the zone comes too late for them. */
  readonly fragmentZone: Int32Array;
  readonly exit: Int32Array;
  /** The other end of a pair, or NONE. */
  readonly peer: Int32Array;
  /** Routes of all devices together, those of one device in their order: whose it is, unsigned addresses, and the exit. */
  readonly routes: { device: number; from: number; to: number; exit: number }[];
};

export const createDevices = (devicesMax: number): Devices => ({
  devicesMax,
  numbers: new Map(),
  zone: new Int32Array(devicesMax),
  early: new Int32Array(devicesMax),
  fragmentZone: new Int32Array(devicesMax),
  exit: new Int32Array(devicesMax),
  peer: new Int32Array(devicesMax),
  routes: [],
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
  for (let number = 0; number < count; number++) setDevice(devices, network, number);
};

const setDevice = (devices: Devices, network: Network, number: number): void => {
  const device = network.devices[number];
  const pass = device?.passes[0];
  if (device === undefined || pass === undefined || device.passes.length !== 1) {
    throw new Error(`engine: device ${device?.name} has ${device?.passes.length} passes; the engine plays exactly one`);
  }
  const { zone, assigned } = pass;
  if (zone !== undefined && zone.counts !== 'both') {
    throw new Error(`engine: the zone of device ${device.name} counts in one direction; the engine plays 'both' only`);
  }
  const id = zone?.id ?? 0;
  within('the id of a zone', id, 0, 0xffff);
  const exit = devices.numbers.get(device.exit);
  if (exit === undefined || exit === number) {
    throw new Error(`engine: device ${device.name} needs another device of the network as its exit, not ${device.exit}`);
  }
  devices.zone[number] = id;
  devices.early[number] = zone !== undefined && assigned === 'before-defragmentation' ? 1 : 0;
  devices.fragmentZone[number] = assigned === 'before-defragmentation' ? id : 0;
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
 * The zone of a datagram of which the first piece arrived at one device and the last one at another; they are the same
 * for a whole one. What was assigned to a piece early stays with it, and the datagram keeps its first piece's.
 */
export const zoneOfDatagram = (devices: Devices, first: number, last: number): number =>
  word(devices.zone, word(devices.early, first) === 1 ? first : last);
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
