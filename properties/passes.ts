/**
 * Passes changed: other rules, and other zone ids wherever a device and its rules name them.
 */
import type { Device, Pass, ZoneRule } from '../spec/trace/network.ts';
import type { Zone, ZoneId } from '../spec/zone.ts';

/** A pass with other rules. */
export const ofRules =
  (change: (rule: ZoneRule) => ZoneRule) =>
  (pass: Pass): Pass =>
    pass.rules ? { ...pass, rules: pass.rules.map(change) } : pass;

const HALF = 0x10000;

/** The ids that a device and its rules name, and those that are in its marks. */
export const zoneIdsIn = ({ passes }: Device): readonly ZoneId[] =>
  passes.flatMap(({ zone, rules = [] }) => [
    ...(zone ? [zone.id] : []),
    ...rules.flatMap((rule) => (rule.does === 'zone' ? [rule.zone.id] : rule.does === 'mark' ? [rule.mark % HALF] : [])),
  ]);

/** The device with other ids; those in marks too. What names no zone goes on naming none. */
export const withZoneIds = (device: Device, change: (id: ZoneId) => ZoneId): Device => {
  const renamed = (zone: Zone): Zone => ({ ...zone, id: change(zone.id) });
  const rule = (old: ZoneRule): ZoneRule => {
    if (old.does === 'zone') return { ...old, zone: renamed(old.zone) };
    return old.does === 'mark' ? { ...old, mark: old.mark - (old.mark % HALF) + change(old.mark % HALF) } : old;
  };
  const pass = ({ zone, assigned, rules }: Pass): Pass => ({ assigned, ...(zone && { zone: renamed(zone) }), ...(rules && { rules: rules.map(rule) }) });
  return { ...device, passes: device.passes.map(pass) };
};
