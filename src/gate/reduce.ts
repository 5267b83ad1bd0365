/**
 * The reducer: a failing trace becomes a small one that fails alike.
 *
 * It works on traces, so generated, stored and captured ones all shrink. The result is 1-minimal: no single event, with
 * the reactions that hang on it, can be removed. That is settled even where the checks for making it simpler ran out.
 */
import type { Trace } from '../../spec/trace/trace.ts';
import type { EventId } from '../../spec/trace/event.ts';
import { isReaction } from '../../spec/trace/reaction.ts';
import { type Breach, type Check, kindOf, type Law } from '../../properties/law.ts';
import type { Kit } from './kit.ts';
import { verdictOf } from './verdict.ts';

export type Reduced = {
  readonly trace: Trace;
  /** As the reduced trace shows it. */
  readonly breach: Breach;
  /** Traces that were checked on the way. */
  readonly checks: number;
  /** No single event can be removed. False: even the checks for that ran out. */
  readonly minimal: boolean;
};

type Task = {
  readonly trace: Trace;
  readonly breach: Breach;
  readonly check: Check;
  /** Any violation counts, not only one of the same kind: where it is known what broke. */
  readonly anyKind?: true;
  readonly boundary: Law['boundary'];
  /** The most candidates to check, but for those that settle whether it is 1-minimal. */
  readonly limit: number;
  /** Told of every check, so that a watcher sees progress. */
  readonly tick?: () => void;
};

/** Checks for each event of the whole trace that settle whether the result is 1-minimal. */
const SETTLING = 4;

/** Deterministic for a deterministic subject: the same failure is always reduced to the same trace. */
export const reduce = async (kit: Kit, { trace, breach, check, anyKind, boundary, limit, tick }: Task): Promise<Reduced> => {
  let best = { trace, breach };
  let checks = 0;
  const most = limit + SETTLING * trace.events.length;

  /** The first candidate that fails alike; undefined if none does, or if there were `upTo` checks in all. */
  const firstFailing = async (candidates: Iterable<Trace>, upTo: number): Promise<{ trace: Trace; breach: Breach } | undefined> => {
    for (const candidate of candidates) {
      if (checks >= upTo) return undefined;
      if (boundary(candidate) !== true || kit.subject.capabilities.excludes(candidate) !== undefined) continue;
      checks += 1;
      tick?.();
      const verdict = await verdictOf(check, kit, candidate);
      if (verdict.kind === 'violated' && (anyKind || kindOf(verdict.breach) === kindOf(breach))) return { trace: candidate, breach: verdict.breach };
    }
    return undefined;
  };

  for (;;) {
    const smaller = (await firstFailing(kit.moves(best.trace), limit)) ?? (await firstFailing(withoutOne(best.trace), most));
    if (!smaller) return { ...best, checks, minimal: checks < most };
    best = smaller;
  }
};

/** The trace without each of its events in turn, the last one first. */
function* withoutOne(trace: Trace): Iterable<Trace> {
  for (const { id } of trace.events.toReversed()) yield without(trace, id);
}

/** The trace without an event, and without the reactions that have nothing left to be made of. */
export const without = (trace: Trace, id: EventId): Trace => {
  const gone = new Set([id]);
  for (const event of trace.events) if (isReaction(event) && gone.has(event.to)) gone.add(event.id);
  return { ...trace, events: trace.events.filter((event) => !gone.has(event.id)) };
};
