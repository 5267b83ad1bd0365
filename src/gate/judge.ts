/**
 * Judging one trace: it is played on the subject and put before every law.
 */
import { canonical } from '../../spec/outcome.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { type Breach, type Check, kindOf, type Law, type Verdict } from '../../properties/law.ts';
import { Crash } from '../../properties/run.ts';
import { asInconclusive, messageOf } from './errors.ts';
import { unmetNeed } from './kit.ts';
import type { Account, Kit } from './kit.ts';

/** A breach of a law, or a subject that gave no answer at all. */
export type Failing = Omit<Breach, 'what'> & { readonly what: Breach['what'] | 'hang' };

/** What one law says of one trace. */
export type Ruling =
  | { readonly kind: 'held' }
  | { readonly kind: 'premise not met' }
  | { readonly kind: 'outside'; readonly reason: string }
  | { readonly kind: 'violated'; readonly breach: Failing }
  /** Violated, but not each time it was tried again. */
  | { readonly kind: 'flaky'; readonly breach: Failing };

export type Judgement =
  | { readonly kind: 'excluded'; readonly reason: string }
  | {
      readonly kind: 'judged';
      /** Absent if the subject crashed. */
      readonly outcomes?: readonly Outcome[];
      /** By law id, in the order of the laws. The subject's own survival is judged as `crash`. */
      readonly rulings: ReadonlyMap<string, Ruling>;
      /** Why the outcomes cannot be compared with the model's. */
      readonly incomparable?: string;
      /** What the model says, event by event; empty if the subject crashed. */
      readonly account: readonly Account[];
    };

/** The law that every subject is under without being asked: to give an answer at all. */
export const CRASH = { id: 'crash', sentence: 'A subject answers every trace: it neither crashes nor hangs.' } as const;

/** How often a violation on a foreign subject has to show again. */
const REPETITIONS = 3;

export const judge = async (kit: Kit, trace: Trace): Promise<Judgement> => {
  const { subject, laws } = kit;
  const reason = subject.capabilities.excludes(trace);
  if (reason !== undefined) return { kind: 'excluded', reason };
  const incomparable = subject.capabilities.incomparable(trace);
  const common = { kind: 'judged', ...(incomparable === undefined ? {} : { incomparable }) } as const;

  const survival = await ruling(kit, survives(kit), trace);
  if (survival.kind !== 'held') return { ...common, rulings: new Map([[CRASH.id, survival]]), account: [] };
  const rulings = new Map<string, Ruling>();
  for (const law of laws) {
    if (unmetNeed(law, subject.capabilities) !== undefined) continue;
    const inside = law.boundary(trace);
    // Laws follow each other because sessions of one subject must not overlap.
    rulings.set(law.id, inside === true ? await ruling(kit, law.check, trace) : { kind: 'outside', reason: inside });
  }
  return { ...common, outcomes: canonical(await kit.run(subject, trace)), rulings, account: await kit.explain(trace) };
};

/** The check of a law by its id, the gate's own law included. */
export const checkOf = (kit: Kit, id: string): { check: Check; boundary: Law['boundary'] } => {
  if (id === CRASH.id) return { check: survives(kit), boundary: () => true };
  const law = kit.laws.find((candidate) => candidate.id === id);
  if (!law) throw new Error(`The law ${id} is not in this kit.`);
  return law;
};

/** A check whose crash is a verdict like any other. A subject that went missing is no verdict and is thrown on. */
export const verdictOf = async (check: Check, kit: Kit, trace: Trace): Promise<Verdict> => {
  try {
    return await check(kit.subject, trace);
  } catch (error) {
    const missing = asInconclusive(error);
    if (missing) throw missing;
    const event = error instanceof Crash ? error.event : (trace.events.at(-1)?.id ?? 0);
    return { kind: 'violated', breach: { what: 'crash', event, expected: 'an outcome for each event', seen: messageOf(error) } };
  }
};

const survives =
  (kit: Kit): Check =>
  async (subject, trace) => {
    await kit.run(subject, trace);
    return { kind: 'held' };
  };

const ruling = async (kit: Kit, check: Check, trace: Trace): Promise<Ruling> => {
  const first = await verdictOf(check, kit, trace);
  if (first.kind !== 'violated' || !kit.foreign) return first;
  return (await reproduces(kit, check, trace, first.breach)) ? first : { kind: 'flaky', breach: first.breach };
};

/** Whether a violation shows each time again, in sessions of its own. */
export const reproduces = async (kit: Kit, check: Check, trace: Trace, breach: Pick<Breach, 'beyond'> & { readonly what: string }): Promise<boolean> => {
  for (let time = 0; time < REPETITIONS; time += 1) {
    // A copy, because runs are remembered per trace object.
    const again = await verdictOf(check, kit, structuredClone(trace));
    if (again.kind !== 'violated' || kindOf(again.breach) !== kindOf(breach)) return false;
  }
  return true;
};
