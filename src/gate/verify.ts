/**
 * A run: canaries are looked for, every trace is judged, and the lowest violations are made small.
 */
import { VERSION } from '../version.ts';
import type { CanaryResult } from './canaries.ts';
import type { KnownResult } from './known.ts';
import { judgeTasks, rangeOf } from './plan.ts';
import type { Plan } from './plan.ts';
import type { Pool } from './pool.ts';
import { inOrder } from './result.ts';
import type { Result } from './result.ts';
import { NOTHING, sumOf } from './tally.ts';
import type { Tally } from './tally.ts';
import type { Failure, Reply, Task } from './task.ts';

export type Progress = {
  readonly traces: number;
  readonly of: number;
  readonly violations: number;
  readonly phase: 'judging' | 'reducing';
};

type Options = {
  readonly watch: (progress: Progress) => void;
  readonly signal: AbortSignal;
  /** Whether the plan's budget of time is used up; asked before each piece of judging, and not before the first one is due. */
  readonly timeIsUp: () => boolean;
};

export const verify = async (plan: Plan, pool: Pool, { watch, signal, timeIsUp }: Options): Promise<Result> => {
  const { from, to } = rangeOf(plan);
  const canaries: CanaryResult[] = [];
  const known: KnownResult[] = [];
  const failures: Failure[] = [];
  let tally = NOTHING;
  const take = (phase: Progress['phase']) => (reply: Reply) => {
    if (reply.kind === 'canary') canaries.push(reply.result);
    else if (reply.kind === 'known') known.push(reply.result);
    else if (reply.kind === 'reduced') failures.push(reply.failure);
    else tally = sumOf([tally, reply.tally]);
    watch({ traces: tally.traces, of: to - from, violations: violationsIn(tally), phase });
  };
  const canaryTasks = pool.description.laws.flatMap((law): Task[] =>
    law.unmet === undefined ? law.canaries.map((canary) => ({ kind: 'canary', law: law.id, canary })) : [],
  );
  function* work(): Iterable<Task> {
    for (const { id } of pool.description.known) yield { kind: 'known', finding: id };
    yield* canaryTasks;
    for (const task of judgeTasks(plan)) {
      if (timeIsUp()) return;
      yield task;
    }
  }
  await pool.run(work(), take('judging'), signal);
  await pool.run(reduceTasks(tally), take('reducing'), signal);
  const order = (result: CanaryResult) => canaryTasks.findIndex((task) => task.kind === 'canary' && task.law === result.law && task.canary === result.canary);
  return {
    zoneproof: VERSION,
    plan,
    description: pool.description,
    canaries: canaries.toSorted((a, b) => order(a) - order(b)),
    known: pool.description.known.flatMap(({ id }) => known.filter(({ finding }) => finding === id)),
    tally,
    failures: inOrder(failures, plan.laws),
    interrupted: signal.aborted,
  };
};

const reduceTasks = ({ laws }: Tally): readonly Task[] =>
  Object.entries(laws).flatMap(([law, { violated, flaky }]) =>
    [violated, flaky].flatMap((kinds) =>
      Object.values(kinds).flatMap(({ lowest }) =>
        lowest.map((sighting): Task => ({ kind: 'reduce', law, flaky: kinds === flaky, sighting })),
      ),
    ),
  );

const violationsIn = ({ laws }: Tally): number =>
  Object.values(laws)
    .flatMap(({ violated }) => Object.values(violated))
    .reduce((sum, { count }) => sum + count, 0);
