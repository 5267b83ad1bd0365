/**
 * The pieces of work that a run is cut into, and how one is done. Tasks and replies are plain data, so a worker thread
 * does them as well as this one; every reply depends on the seed and the task alone.
 */
import type { Trace } from '../../spec/trace/trace.ts';
import { findCanary } from './canaries.ts';
import type { CanaryResult } from './canaries.ts';
import { judge, lawNamed, reproduces } from './judge.ts';
import type { Kit } from './kit.ts';
import { type KnownResult, newOnly, showsAgain } from './known.ts';
import { reduce } from './reduce.ts';
import { signatureOf } from './signature.ts';
import { sumOf, tallyOf } from './tally.ts';
import type { Sighting, Tally } from './tally.ts';
import type { Failing } from './verdict.ts';

export type Task =
  /** Judge the traces from index `from` up to, not including, `to`, except those in `skip`. */
  | { readonly kind: 'judge'; readonly from: number; readonly to: number; readonly skip: readonly number[] }
  | { readonly kind: 'canary'; readonly law: string; readonly canary: string }
  /** See whether a known finding still shows. */
  | { readonly kind: 'known'; readonly finding: string }
  | { readonly kind: 'reduce'; readonly law: string; readonly flaky: boolean; readonly sighting: Sighting; /** Don't try to make it small. */ readonly whole?: true };

/** A violation, made small. */
export type Failure = {
  readonly law: string;
  readonly what: Failing['what'];
  /** The trace that showed it. */
  readonly index: number;
  /** Did not show again each time; such a trace is kept as it was. */
  readonly flaky: boolean;
  /** As the trace below shows it. */
  readonly breach: Failing;
  readonly trace: Trace;
  /** No single event of the trace can be removed. */
  readonly minimal: boolean;
  readonly signature: string;
};

export type Reply =
  | { readonly kind: 'judged'; readonly tally: Tally }
  | { readonly kind: 'canary'; readonly result: CanaryResult }
  | { readonly kind: 'known'; readonly result: KnownResult }
  | { readonly kind: 'reduced'; readonly failure: Failure };

/** Candidates checked for one failure; a subject outside this process takes far longer for each. */
const REDUCE_CHECKS = { own: 4000, foreign: 800 };

/** `tick` is told of each trace before it is played; an aborted signal ends a `judge` task early with what it has. */
export const perform = async (kit: Kit, task: Task, tick: (index: number) => void, signal?: AbortSignal): Promise<Reply> => {
  if (task.kind === 'judge') return { kind: 'judged', tally: await judgeRange(kit, task, tick, signal) };
  if (task.kind === 'known') {
    tick(0);
    return { kind: 'known', result: await showsAgain(kit, task.finding) };
  }
  if (task.kind === 'canary') {
    const law = kit.laws.find(({ id }) => id === task.law);
    const canary = law?.canaries.find(({ id }) => id === task.canary);
    if (!law || !canary) throw new Error(`There is no canary ${task.canary} of ${task.law}.`);
    return { kind: 'canary', result: await findCanary(kit, law, canary, () => tick(0)) };
  }
  return { kind: 'reduced', failure: await madeSmall(kit, task, () => tick(task.sighting.index)) };
};

const judgeRange = async (
  kit: Kit,
  { from, to, skip }: Task & { kind: 'judge' },
  tick: (index: number) => void,
  signal: AbortSignal | undefined,
): Promise<Tally> => {
  const tallies: Tally[] = [];
  for (let index = from; index < to; index += 1) {
    if (signal?.aborted) break;
    if (skip.includes(index)) continue;
    tick(index);
    tallies.push(tallyOf(index, await judge(kit, kit.traceFor(index))));
  }
  return sumOf(tallies);
};

const madeSmall = async (kit: Kit, task: Task & { kind: 'reduce' }, tick: () => void): Promise<Failure> => {
  const { index, breach } = task.sighting;
  const trace = kit.traceFor(index);
  const whole = failureOf(task, { trace, breach, minimal: false });
  // What is flaky would mislead the reducer, and what hangs would hang it.
  if (task.flaky || task.whole) return whole;
  if (breach.what === 'hang') return { ...whole, breach: { ...breach, event: trace.events.at(-1)?.id ?? 0 } };
  const law = lawNamed(kit, task.law);
  const check = newOnly(kit, law);
  const boundary = (candidate: Trace) => law.boundary(candidate, kit.subject.capabilities);
  const limit = kit.foreign ? REDUCE_CHECKS.foreign : REDUCE_CHECKS.own;
  const small = await reduce(kit, { trace, breach: { ...breach, what: breach.what }, check, boundary, limit, tick });
  if (kit.foreign && !(await reproduces(kit, check, small.trace, breach))) return whole;
  return failureOf(task, small);
};

const failureOf = (
  { law, flaky, sighting }: Task & { kind: 'reduce' },
  { trace, breach, minimal }: { readonly trace: Trace; readonly breach: Failing; readonly minimal: boolean },
): Failure => ({
  law,
  what: breach.what,
  index: sighting.index,
  flaky,
  breach,
  trace,
  minimal,
  signature: signatureOf(law, breach.what, trace),
});
