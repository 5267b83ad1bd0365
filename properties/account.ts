/**
 * The model's account of a trace: what it expects of every event, and why.
 *
 * A subject may choose what the model leaves open, and reactions are made of what it chose; so the account follows the
 * outcomes that were seen, where there are any.
 */
import { victimsAmong } from '../spec/counting.ts';
import { type Choose, endSeen, firstOf } from '../spec/nat.ts';
import { type Model, modelOf } from '../spec/model.ts';
import type { Explained } from '../spec/step.ts';
import type { Profile } from '../spec/profile.ts';
import type { EventId, Playable } from '../spec/trace/event.ts';
import type { Outcome } from '../spec/trace/outcome.ts';
import { resolved } from '../spec/trace/reaction.ts';
import type { Trace } from '../spec/trace/trace.ts';
import type { Tuple } from '../spec/tuple.ts';
import { translates } from './tenants.ts';

/** One explained outcome an event, in order. Without `seen`, reactions are made of what the model itself let leave. */
export const accountOf = (trace: Trace, profile: Profile, seen?: readonly Outcome[]): readonly Explained[] => {
  let model = modelOf(trace.network, profile);
  const isOpen = trace.network.limits?.connections !== undefined || translates(trace.network);
  const known = new Map<EventId, Outcome>(seen?.map((outcome) => [outcome.event, outcome]));
  return trace.events.map((event) => {
    const playable = resolved(event, known);
    if (!playable) return { event: event.id, passes: [], left: [], skipped: true, rules: [] };
    const outcome = seen && known.get(event.id);
    const after = outcome && isOpen ? followed(model, playable, outcome) : model.step(playable);
    model = after.model;
    if (!seen) known.set(event.id, after.outcome);
    return after.outcome;
  });
};

/** The step that an implementation took, where the model allows it. */
const followed = (model: Model, event: Playable, { passes, left, evicted = [] }: Outcome): ReturnType<Model['step']> => {
  const evict = victimsAmong(evicted);
  if (passes.length === 0) return model.step(event, firstOf, evict);
  const seen = passes.map((pass) => ('connection' in pass ? pass.bound?.reply : undefined));
  const usual = model.step(event, towards(seen, firstOf), evict);
  if (left.length > 0 || usual.outcome.left.length === 0) return usual;
  // It was dropped, and what it had been bound to is not seen: to something that was taken, if that can be.
  for (const choose of otherChoices()) {
    const other = model.step(event, towards(seen, choose), evict);
    if (other.outcome.left.length === 0) return other;
  }
  return usual;
};

/** What was chosen, as it shows in the reply tuple of a pass; another choice where there is none to see. */
const towards =
  (seen: readonly (Tuple | undefined)[], otherwise: Choose): Choose =>
  (side, ends, pass) => {
    const reply = seen[pass];
    const end = reply && endSeen(reply, side);
    return end ? ends.nearest(end) : otherwise(side, ends, pass);
  };

/** Every combination of addresses on one pass. A choice has to be made use of before the next one is asked for. */
function* otherChoices(): Generator<Choose> {
  const counts = { destination: 1, source: 1 };
  for (let turn = 0; turn < counts.destination * counts.source; turn += 1) {
    yield (side, { each }) => {
      const ends = each();
      counts[side] = Math.max(counts[side], ends.length);
      const index = (side === 'destination' ? turn : Math.floor(turn / counts.destination)) % ends.length;
      return ends[index] ?? ends[0];
    };
  }
}
