/**
 * Remedies: a trace as it would be without one cause of interference. If a law that was broken holds then, it was broken
 * for that cause.
 */
import { isReaction } from '../spec/trace/reaction.ts';
import type { Event, EventId } from '../spec/trace/event.ts';
import type { Device, Pass, ZoneRule } from '../spec/trace/network.ts';
import type { Trace } from '../spec/trace/trace.ts';
import type { Zone, ZoneId } from '../spec/zone.ts';
import { ofRules } from './passes.ts';
import { matches, type Pattern } from './pattern.ts';
import { setUpWell, zoneIdOf } from './tenants.ts';

/** What somebody who sets up the machine can do about it. */
const SETTINGS = {
  'early-zones': (trace) =>
    withPasses(trace, (pass) => ({ ...ofRules((rule) => ({ ...rule, assigned: EARLY }))(pass), assigned: EARLY })),
  'zones-without-marks': (trace) =>
    withPasses(trace, (pass, device) => ofRules((rule) => withoutMark(rule, zoneIdOf(device)))(pass)),
  'zones-for-both-directions': (trace) =>
    withPasses(trace, (pass) => ({ ...ofRules(forBoth)(pass), ...(pass.zone && { zone: inBoth(pass.zone) }) })),
  'one-early-zone-each': (trace) => ({ ...trace, network: { ...trace.network, devices: trace.network.devices.map(setUpWell) } }),
  'no-fragment-distance': (trace) => withFragments(trace, { distance: 0 }),
  'no-fragment-budget': (trace) => withFragments(trace, { memoryBytes: 0 }),
} as const satisfies Readonly<Record<string, (trace: Trace) => Trace>>;

const EARLY = 'before-defragmentation';

const withPasses = (trace: Trace, change: (pass: Pass, device: Device) => Pass): Trace => ({
  ...trace,
  network: { ...trace.network, devices: trace.network.devices.map((device) => ({ ...device, passes: device.passes.map((pass) => change(pass, device)) })) },
});

const withoutMark = (rule: ZoneRule, id: ZoneId): ZoneRule =>
  rule.does === 'zone-from-mark' ? { does: 'zone', zone: { id, counts: rule.counts }, language: rule.language, assigned: rule.assigned } : rule;

const inBoth = (zone: Zone): Zone => ({ ...zone, counts: 'both' });

const forBoth = (rule: ZoneRule): ZoneRule => {
  if (rule.does === 'zone') return { ...rule, zone: inBoth(rule.zone) };
  return rule.does === 'zone-from-mark' ? { ...rule, counts: 'both' } : rule;
};

export type Setting = keyof typeof SETTINGS;

/**
 * A machine set up otherwise, or events that do not happen, each with the reactions that are made of it; not to be taken
 * where a law that is excepted plays such events of its own.
 */
export type Remedy = Setting | { readonly without: Pattern; readonly except?: readonly string[] };

/** Those of the remedies that can be taken where a law is broken. */
export const remediesFor = (law: string, remedies: readonly Remedy[]): readonly Remedy[] =>
  remedies.filter((remedy) => typeof remedy === 'string' || !remedy.except?.includes(law));

export const SETTING_NAMES = ['early-zones', 'zones-without-marks', 'zones-for-both-directions', 'one-early-zone-each', 'no-fragment-distance', 'no-fragment-budget'] as const satisfies readonly Setting[];

export const remedied = (trace: Trace, remedy: Remedy): Trace =>
  typeof remedy === 'string' ? SETTINGS[remedy](trace) : withEventsThat(trace, (event) => !matches(event, remedy.without));

/** Set up as well as can be. */
export const wellSetUp = (trace: Trace): Trace => SETTINGS['one-early-zone-each'](withFragments(trace, { distance: 0, memoryBytes: 0 }));

const withFragments = (trace: Trace, fragments: Partial<Trace['network']['fragments']>): Trace => ({
  ...trace,
  network: { ...trace.network, fragments: { ...trace.network.fragments, ...fragments } },
});

/** The trace with some of its events, and with the reactions among them that still have something to be made of. */
export const withEventsThat = (trace: Trace, stays: (event: Event) => boolean): Trace => {
  const kept = new Set<EventId>();
  for (const event of trace.events) if (stays(event) && (!isReaction(event) || kept.has(event.to))) kept.add(event.id);
  return { ...trace, events: trace.events.filter(({ id }) => kept.has(id)) };
};
