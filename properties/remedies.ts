/**
 * Remedies: a trace as it would be without one cause of interference. If a law that was broken holds then, it was broken
 * for that cause.
 */
import { isReaction } from '../spec/trace/reaction.ts';
import type { Event, EventId } from '../spec/trace/event.ts';
import type { Trace } from '../spec/trace/trace.ts';
import { matches, type Pattern } from './pattern.ts';

/** What somebody who sets up the machine can do about it. */
const SETTINGS = {
  'early-zones': (trace) => ({
    ...trace,
    network: {
      ...trace.network,
      devices: trace.network.devices.map((device) => ({
        ...device,
        passes: device.passes.map((pass) => ({ ...pass, assigned: 'before-defragmentation' })),
      })),
    },
  }),
  'no-fragment-distance': (trace) => withFragments(trace, { distance: 0 }),
  'no-fragment-budget': (trace) => withFragments(trace, { memoryBytes: 0 }),
} as const satisfies Readonly<Record<string, (trace: Trace) => Trace>>;

export type Setting = keyof typeof SETTINGS;

/** A machine set up otherwise, or events that do not happen, each with the reactions that are made of it. */
export type Remedy = Setting | { readonly without: Pattern };

export const SETTING_NAMES = ['early-zones', 'no-fragment-distance', 'no-fragment-budget'] as const satisfies readonly Setting[];

export const remedied = (trace: Trace, remedy: Remedy): Trace =>
  typeof remedy === 'string' ? SETTINGS[remedy](trace) : withEventsThat(trace, (event) => !matches(event, remedy.without));

/** Set up as well as can be. */
export const wellSetUp = (trace: Trace): Trace => SETTING_NAMES.reduce(remedied, trace);

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
