/**
 * The reducer: a failing trace becomes a small one that fails alike.
 *
 * It works on traces, so generated, stored and captured ones all shrink. The result is 1-minimal unless the number of
 * checks ran out: no single event, with the answers that hang on it, can be removed.
 */
import type { Trace } from '../../spec/trace/trace.ts';
import type { EventId } from '../../spec/trace/event.ts';
import type { Breach, Check, Law } from '../../properties/law.ts';
import { verdictOf } from './judge.ts';
import type { Kit } from './kit.ts';

export type Reduced = {
  readonly trace: Trace;
  /** As the reduced trace shows it. */
  readonly breach: Breach;
  /** Traces that were checked on the way. */
  readonly checks: number;
  /** No single event can be removed. False: the checks ran out first. */
  readonly minimal: boolean;
};

type Task = {
  readonly trace: Trace;
  readonly breach: Breach;
  readonly check: Check;
  readonly boundary: Law['boundary'];
  /** The most candidates to check. */
  readonly limit: number;
  /** Told of every check, so that a watcher sees progress. */
  readonly tick?: () => void;
};

/** Deterministic for a deterministic subject: the same failure is always reduced to the same trace. */
export const reduce = async (kit: Kit, { trace, breach, check, boundary, limit, tick }: Task): Promise<Reduced> => {
  let best = { trace, breach };
  let checks = 0;

  /** The first candidate that fails alike, or undefined if none does or the checks ran out. */
  const firstFailing = async (candidates: Iterable<Trace>): Promise<{ trace: Trace; breach: Breach } | undefined> => {
    for (const candidate of candidates) {
      if (checks >= limit) return undefined;
      if (boundary(candidate) !== true || kit.subject.capabilities.excludes(candidate) !== undefined) continue;
      checks += 1;
      tick?.();
      const verdict = await verdictOf(check, kit, candidate);
      if (verdict.kind === 'violated' && verdict.breach.what === breach.what) return { trace: candidate, breach: verdict.breach };
    }
    return undefined;
  };

  for (;;) {
    const smaller = (await firstFailing(kit.moves(best.trace))) ?? (await firstFailing(withoutOne(best.trace)));
    if (!smaller) return { ...best, checks, minimal: checks < limit };
    best = smaller;
  }
};

/** The trace without each of its events in turn, the last one first. */
function* withoutOne(trace: Trace): Iterable<Trace> {
  for (const { id } of trace.events.toReversed()) yield without(trace, id);
}

/** The trace without an event, and without the answers that have nothing left to answer. */
export const without = (trace: Trace, id: EventId): Trace => {
  const gone = new Set([id]);
  for (const event of trace.events) if (event.kind === 'answer' && gone.has(event.to)) gone.add(event.id);
  return { ...trace, events: trace.events.filter((event) => !gone.has(event.id)) };
};
