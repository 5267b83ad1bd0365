/**
 * Which queues a device's fragments wait in: what the virtual clocks of fragments name queues by. Where the kernel had
 * others, there would be queues left that no clock ended, which is noticed.
 */
import { assign, NOTHING_ATTACHED, queueZone } from '../../../spec/assignment.ts';
import type { Device } from '../../../spec/trace/network.ts';
import type { ZoneId } from '../../../spec/zone.ts';

const attachedAt = (device: Device) => assign(NOTHING_ATTACHED, device, 'before-defragmentation').attached;

/** The zone of the queues. */
export const queueZoneAt = (device: Device): ZoneId => queueZone(attachedAt(device));

/** Whether fragments wait at all. */
export const waitsAt = (device: Device): boolean => attachedAt(device).tracking !== 'off';
