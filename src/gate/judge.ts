/**
 * Judging one trace: it is played on the subject and put before every law.
 */
import { canonical, untilAChoice } from '../../spec/outcome.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { type Breach, type Check, kindOf } from '../../properties/law.ts';
import { recognise } from './known.ts';
import { unmetNeed } from './kit.ts';
import type { Account, Kit } from './kit.ts';
import { CRASH, type Failing, type Judge, survival, verdictOf } from './verdict.ts';

/** What one law says of one trace. */
export type Ruling =
  | { readonly kind: 'held' }
  | { readonly kind: 'premise not met' }
  | { readonly kind: 'outside'; readonly reason: string }
  | { readonly kind: 'violated'; readonly breach: Failing }
  /** Violated for causes that are known findings: their ids. */
  | { readonly kind: 'known'; readonly breach: Failing; readonly findings: readonly string[] }
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

/** How often a violation on a foreign subject has to show again. */
const REPETITIONS = 3;

export const judge = async (kit: Kit, trace: Trace): Promise<Judgement> => {
  const { subject, laws } = kit;
  const reason = subject.capabilities.excludes(trace);
  if (reason !== undefined) return { kind: 'excluded', reason };
  const incomparable = subject.capabilities.incomparable(trace);
  const common = { kind: 'judged', ...(incomparable === undefined ? {} : { incomparable }) } as const;

  const survived = await ruling(kit, survival(kit), trace);
  if (survived.kind !== 'held') return { ...common, rulings: new Map([[CRASH.id, survived]]), account: [] };
  const rulings = new Map<string, Ruling>();
  for (const law of laws) {
    if (unmetNeed(law, subject.capabilities) !== undefined) continue;
    const inside = law.boundary(trace, subject.capabilities);
    // Laws follow each other because sessions of one subject must not overlap.
    rulings.set(law.id, inside === true ? await ruling(kit, law, trace) : { kind: 'outside', reason: inside });
  }
  return { ...common, outcomes: canonical(untilAChoice(await kit.run(subject, trace))), rulings, account: await kit.explain(trace) };
};

/** A law by its id, the gate's own included. */
export const lawNamed = (kit: Kit, id: string): Judge => {
  if (id === CRASH.id) return survival(kit);
  const law = kit.laws.find((candidate) => candidate.id === id);
  if (!law) throw new Error(`The law ${id} is not in this kit.`);
  return law;
};

const ruling = async (kit: Kit, law: Judge, trace: Trace): Promise<Ruling> => {
  const first = await verdictOf(law.check, kit, trace);
  if (first.kind !== 'violated') return first;
  const { breach } = first;
  const findings = await recognise(kit, law, trace, breach);
  if (findings) return { kind: 'known', breach, findings };
  return !kit.foreign || (await reproduces(kit, law.check, trace, breach)) ? first : { kind: 'flaky', breach };
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
