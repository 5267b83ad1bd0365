/** Clock: time passes for each tenant as if it were alone, and in whatever steps. */
import { firstDifferenceOfRuns } from '../../spec/outcome.ts';
import type { Advance, Event } from '../../spec/trace/event.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { run } from '../run.ts';
import { activeTenants, outcomeOf, tenantsAreApart } from '../tenants.ts';
import { statesOf } from './accounts.ts';
import { breachOfSolitude } from './alone.ts';
import { fragmentDistanceOfTwo, freshId, tenantsShareAZone } from './canaries.ts';

const check: Check = async (subject, trace) => {
  const { clockMs } = subject.capabilities;
  const timePasses = trace.events.some((event) => event.kind === 'advance');
  if (clockMs === false || !timePasses || activeTenants(trace).length === 0) return premiseNotMet;

  const inSteps = await run(subject, split(trace, clockMs));
  const difference = firstDifferenceOfRuns(
    await run(subject, trace),
    trace.events.map((event) => outcomeOf(inSteps, event.id)),
  );
  if (difference) return violated(difference);
  const breach = await breachOfSolitude(subject, trace, statesOf);
  return breach ? violated(breach) : held;
};

/** Each advance in two that are multiples of the clock's step: in the middle, after the first step, or before the last. */
const split = (trace: Trace, clockMs: number): Trace => {
  let id = freshId(trace);
  const halves = (event: Advance): readonly Event[] => {
    const steps = Math.floor(event.milliseconds / clockMs);
    if (steps < 2) return [event];
    const milliseconds = clockMs * ([Math.floor(steps / 2), 1, steps - 1][event.id % 3] ?? 1);
    return [
      { ...event, milliseconds },
      { kind: 'advance', id: id++, milliseconds: event.milliseconds - milliseconds },
    ];
  };
  return { ...trace, events: trace.events.flatMap((event) => (event.kind === 'advance' ? halves(event) : [event])) };
};

export const clock: Law = {
  id: 'clock',
  sentence: "Expiry depends on that tenant's events only, and advance(a+b) is advance(a), advance(b).",
  needs: ['clock'],
  boundary: tenantsAreApart,
  check,
  canaries: [tenantsShareAZone(check), fragmentDistanceOfTwo(check)],
};
