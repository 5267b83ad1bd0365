/**
 * A trace: a network and what happened to it. Generated, reduced, stored, replayed and exported; plain JSON.
 */
import type { Event, EventId } from './event.ts';
import type { Network } from './network.ts';
import { isReaction } from './reaction.ts';

export type Trace = {
  /** The file format's version. */
  readonly version: 1;
  /** One sentence for the reader. */
  readonly about?: string;
  readonly network: Network;
  /** In order of time; ids rise. */
  readonly events: readonly Event[];
};

/** The same trace with its events numbered from 1. */
export const renumbered = (trace: Trace): Trace => {
  const numbers = new Map<EventId, EventId>(trace.events.map(({ id }, index) => [id, index + 1]));
  const number = (id: EventId): EventId => numbers.get(id) ?? id;
  const events = trace.events.map((event) =>
    isReaction(event) ? { ...event, id: number(event.id), to: number(event.to) } : { ...event, id: number(event.id) },
  );
  return { ...trace, events };
};
