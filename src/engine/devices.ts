/**
 * The devices of a network, numbered in their order: the zone that each assigns, and where its packets leave.
 */
import type { Network } from '../../spec/trace/network.ts';
import { within } from './limits.ts';
import { word } from './memory.ts';

type Devices = {
  readonly devicesMax: number;
  readonly numbers: Map<string, number>;
  readonly zone: Int32Array;
  /** 1 where a zone, be it 0, is assigned before defragmentation. */
  readonly early: Int32Array;
  /** The zone that fragments wait in: 0 where the zone comes too late for them. */
  readonly fragmentZone: Int32Array;
  readonly exit: Int32Array;
};

export const createDevices = (devicesMax: number): Devices => ({
  devicesMax,
  numbers: new Map(),
  zone: new Int32Array(devicesMax),
  early: new Int32Array(devicesMax),
  fragmentZone: new Int32Array(devicesMax),
  exit: new Int32Array(devicesMax),
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
export const exitOfDevice = (devices: Devices, number: number): number => word(devices.exit, number);
