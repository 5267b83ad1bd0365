/** Small kits for the gate's tests: the model with a mistake, and laws that are easy to break. */
import { REFERENCE } from '../../spec/index.ts';
import type { Event, Trace } from '../../spec/index.ts';
import { accountOf } from '../../properties/account.ts';
import { subjectOf } from '../../properties/fakes.ts';
import type { Mistake } from '../../properties/fakes.ts';
import { traceFor } from '../../properties/generate/index.ts';
import { held, premiseNotMet, violated } from '../../properties/law.ts';
import type { Canary, Check, Law } from '../../properties/law.ts';
import { run } from '../../properties/run.ts';
import type { Finding } from './finding.ts';
import { describe } from './kit.ts';
import type { Kit } from './kit.ts';
import { WHOLE } from './plan.ts';
import type { Pool } from './pool.ts';
import type { Plan } from './plan.ts';
import { without } from './reduce.ts';
import { perform } from './task.ts';

/** Found in the first trace. */
export const easyCanary: Canary = {
  id: 'easy',
  sentence: 'Every trace breaks it.',
  fits: () => true,
  check: (_, trace) => breachAt(trace),
};

const breachAt = (trace: Trace) =>
  trace.events[0] ? violated({ what: 'state', event: trace.events[0].id, expected: 'nothing', seen: 'something' }) : held;

export const lawOf = (parts: Partial<Law> & { check: Check }): Law => ({
  id: 'fake-law',
  sentence: 'Nothing bad happens.',
  needs: [],
  boundary: () => true,
  canaries: [easyCanary],
  ...parts,
});

/** Broken by a trace that holds at least so many events that are bad. */
export const atMost = (count: number, bad: (event: Event) => boolean): Law =>
  lawOf({
    check: (_, trace) => {
      const found = trace.events.filter(bad);
      if (trace.events.length === 0) return premiseNotMet;
      const [last] = found.slice(count);
      return last ? violated({ what: 'state', event: last.id, expected: `at most ${count}`, seen: String(found.length) }) : held;
    },
  });

type Setting = { readonly mistake?: Mistake; readonly foreign?: boolean; readonly seed?: number; readonly known?: readonly Finding[] };

export const kitOf = (laws: readonly Law[], { mistake = {}, foreign = false, seed = 1, known = [] }: Setting = {}): Kit => {
  const subject = subjectOf(mistake);
  return {
    subject,
    foreign,
    laws,
    traceFor: (index) => traceFor(seed, index, subject.capabilities),
    *moves(trace) {
      for (const { id } of trace.events) yield without(trace, id);
    },
    run,
    explain: (trace) => accountOf(trace, REFERENCE),
    known,
    lawOn: (id) => laws.find((law) => law.id === id) ?? lawOf({ id, check: () => held }),
    model: subjectOf(),
  };
};

export const planOf = (laws: readonly Law[], parts: Partial<Plan> = {}): Plan => ({
  subject: 'model',
  laws: laws.map(({ id }) => id),
  asked: false,
  seed: 1,
  terrain: 'apart',
  runs: 100,
  shard: WHOLE,
  ...parts,
});

/** A pool that does tasks in this thread, one after the other. Nothing watches for a hang. */
export const localPool = (kit: Kit): Pool => ({
  description: describe(kit),
  async run(tasks, take, signal) {
    for (const task of tasks) {
      if (signal.aborted) return;
      try {
        take(await perform(kit, task, () => signal.throwIfAborted(), signal));
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      // Lets a signal in: in-process subjects never leave the thread by themselves.
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
  async close() {
    await kit.subject.close();
  },
});
