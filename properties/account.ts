/**
 * The model's account of a trace: what it expects of every event, and why.
 *
 * A subject may choose what the model leaves open, and reactions are made of what it chose; so the account follows the
 * outcomes that were seen, where there are any.
 */
import { type Choose, endSeen } from '../spec/nat.ts';
import { type Explained, initial, step } from '../spec/step.ts';
import type { Profile } from '../spec/profile.ts';
import type { EventId } from '../spec/trace/event.ts';
import type { Outcome } from '../spec/trace/outcome.ts';
import { resolved } from '../spec/trace/reaction.ts';
import type { Trace } from '../spec/trace/trace.ts';

/** One explained outcome an event, in order. Without `seen`, reactions are made of what the model itself let leave. */
export const accountOf = (trace: Trace, profile: Profile, seen?: readonly Outcome[]): readonly Explained[] => {
  let state = initial(trace.network, profile);
  const known = new Map<EventId, Outcome>(seen?.map((outcome) => [outcome.event, outcome]));
  return trace.events.map((event) => {
    const playable = resolved(event, known);
    if (!playable) return { event: event.id, passes: [], left: [], skipped: true, rules: [] };
    const outcome = seen && known.get(event.id);
    const after = step(state, playable, outcome && asIn(outcome));
    state = after.state;
    if (!seen) known.set(event.id, after.outcome);
    return after.outcome;
  });
};

/** What the model leaves open is as it was seen, if that was allowed; nothing that left had nothing left to choose. */
const asIn = ({ passes: [pass], left }: Outcome): Choose | undefined => {
  if (!pass || !('connection' in pass)) return undefined;
  const { bound } = pass;
  if (!bound) return (_side, { first, taken }) => (left.length === 0 && taken ? taken : first);
  return (side, ends) => {
    const end = endSeen(bound.reply, side);
    return end ? ends.nearest(end) : ends.first;
  };
};
