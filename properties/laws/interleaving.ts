/** Interleaving: how the tenants' packets take turns matters to nobody. */
import { firstDifferenceOfRuns } from '../../spec/outcome.ts';
import type { Event } from '../../spec/trace/event.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { run } from '../run.ts';
import { isGlobal, outcomeOf, tenantOf, tenantsAreApart } from '../tenants.ts';
import { tenantsShareAZone } from './canaries.ts';

const check: Check = async (subject, trace) => {
  const other = [tenantByTenant(trace, -1), tenantByTenant(trace, 1)].find((order) => !sameOrder(order, trace));
  if (!other) return premiseNotMet;
  const reordered = await run(subject, other);
  const difference = firstDifferenceOfRuns(
    await run(subject, trace),
    trace.events.map((event) => outcomeOf(reordered, event.id)),
  );
  if (!difference) return held;
  const tenant = tenantOf(trace, difference.event);
  return violated({ ...difference, ...(tenant === undefined ? {} : { tenant }) });
};

/**
 * Between two global events the tenants come one after the other, by rising (1) or falling (-1) number; each keeps its
 * own order, so an answer still follows what it answers. Ids stay, out of order, to name the same events.
 */
const tenantByTenant = (trace: Trace, sign: 1 | -1): Trace => {
  const rank = (event: Event): number => sign * (tenantOf(trace, event.id) ?? 0);
  const events: Event[] = [];
  let stretch: Event[] = [];
  const endStretch = () => {
    events.push(...stretch.toSorted((a, b) => rank(a) - rank(b)));
    stretch = [];
  };
  for (const event of trace.events) {
    if (!isGlobal(event)) {
      stretch.push(event);
      continue;
    }
    endStretch();
    events.push(event);
  }
  endStretch();
  return { ...trace, events };
};

const sameOrder = (a: Trace, b: Trace): boolean => a.events.every((event, index) => event === b.events[index]);

export const interleaving: Law = {
  id: 'interleaving',
  sentence: 'Between two global events, only the order within a tenant matters.',
  needs: [],
  boundary: tenantsAreApart,
  check,
  canaries: [tenantsShareAZone(check)],
};
