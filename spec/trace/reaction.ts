/**
 * Reactions: events that become packets only once it is known what left.
 */
import { resolveAnswer } from './answer.ts';
import { resolveError } from './error.ts';
import type { Event, EventId, Playable, Reaction } from './event.ts';
import type { Outcome } from './outcome.ts';

export const isReaction = (event: Event): event is Reaction => event.kind === 'answer' || event.kind === 'error';

/** The event as implementations are fed it, or undefined if nothing left that it could be a reaction to. */
export const resolved = (event: Event, outcomes: ReadonlyMap<EventId, Outcome>): Playable | undefined => {
  if (event.kind === 'answer') return resolveAnswer(event, outcomes.get(event.to));
  return event.kind === 'error' ? resolveError(event, outcomes.get(event.to)) : event;
};
