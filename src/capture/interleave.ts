/**
 * Interleaving: all tenants play the same packets, mixed at random but each in the captured order.
 *
 * Tenants are mixed between two advances of time only, so that they stay at the same second of the capture.
 */
import type { Event, Receive } from '../../spec/trace/event.ts';
import type { Random } from './random.ts';

/** What a tenant receives at some place of the order. */
type Arrival = Pick<Receive, 'device' | 'packet'>;

/** A packet of each tenant's copy of the capture, and by how much time moves before it: 0 or more ms. */
export type Step = { readonly advanceMs: number; readonly arrivals: readonly Arrival[] };

/** `steps` are in captured order; the arrivals of a step stand in the order of the tenants. */
export const interleave = (steps: readonly Step[], random: Random): readonly Event[] => {
  const events: Event[] = [];
  let from = 0;
  while (from < steps.length) {
    let to = from + 1;
    while (to < steps.length && steps[to]?.advanceMs === 0) to += 1;
    const advanceMs = steps[from]?.advanceMs ?? 0;
    if (advanceMs > 0) events.push({ kind: 'advance', id: events.length, milliseconds: advanceMs });
    for (const arrival of mixed(steps.slice(from, to), random)) events.push({ kind: 'receive', id: events.length, ...arrival });
    from = to;
  }
  return events;
};

const mixed = (steps: readonly Step[], random: Random): readonly Arrival[] => {
  const tenants = Array.from(steps[0]?.arrivals ?? [], (_, tenant) => ({ tenant, next: 0 }));
  const order: Arrival[] = [];
  while (tenants.length > 0) {
    const place = random(tenants.length);
    const chosen = tenants[place];
    const arrival = chosen && steps[chosen.next]?.arrivals[chosen.tenant];
    if (!arrival) {
      tenants.splice(place, 1); // this one has played them all
      continue;
    }
    order.push(arrival);
    chosen.next += 1;
  }
  return order;
};
