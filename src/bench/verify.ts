/**
 * How fast `verify` judges a subject, and where its time goes. One thread, the gate's own functions, all laws.
 *
 * Runs and accounts are remembered by trace, so calling what the laws share before the laws gives each its own time. The
 * subject is timed from inside wherever it is called, and the laws' time is what is left of theirs.
 */
import { explanationOf } from '../../properties/laws/refinement.ts';
import { run } from '../../properties/run.ts';
import type { MaybePromise, Session, Subject } from '../../properties/subject.ts';
import { asInconclusive } from '../gate/errors.ts';
import { judge } from '../gate/judge.ts';
import type { Kit } from '../gate/kit.ts';
import { openKit, type SubjectName, SUBJECTS } from '../gate/open.ts';
import { sumOf, type Tally, tallyOf } from '../gate/tally.ts';

export const PHASES = ['generation', 'subject', 'model', 'laws', 'tally'] as const;
type Phase = (typeof PHASES)[number];

export type VerifyScore =
  | {
      readonly subject: SubjectName;
      readonly version: string;
      /** One number a round. */
      readonly tracesPerSecond: readonly number[];
      /** Parts of the whole time, which together are 1. */
      readonly shares: Readonly<Record<Phase, number>>;
    }
  | { readonly subject: SubjectName; readonly notChecked: string };

/** Traces of one round. */
const TRACES = 100;
const SEED = 1;

type Entrant = { readonly name: SubjectName; readonly kit: Kit; readonly spentMs: Record<Phase, number>; readonly rates: number[] };

/** `watch` is told what comes next. */
export const measureVerify = async (rounds: number, watch: (what: string) => void): Promise<readonly VerifyScore[]> => {
  const opened = new Map<SubjectName, Entrant | string>();
  for (const name of SUBJECTS) opened.set(name, await open(name));
  const entrants = [...opened.values()].filter((entrant) => typeof entrant !== 'string');
  try {
    // The round before the first one is not counted.
    for (let round = 0; round <= rounds; round += 1) {
      watch(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
      for (const entrant of round % 2 === 0 ? entrants.toReversed() : entrants) {
        await play(entrant, round);
        if (round === 0) forget(entrant);
      }
    }
  } finally {
    for (const { kit } of entrants) await kit.subject.close();
  }
  return [...opened].map(([subject, entrant]) =>
    typeof entrant === 'string'
      ? { subject, notChecked: entrant }
      : { subject, version: entrant.kit.subject.version, tracesPerSecond: entrant.rates, shares: sharesOf(entrant.spentMs) },
  );
};

/** Or why the subject cannot run here. */
const open = async (name: SubjectName): Promise<Entrant | string> => {
  try {
    const kit = await openKit({ subject: name, laws: [], seed: SEED, terrain: 'apart' });
    const spentMs = { generation: 0, subject: 0, model: 0, laws: 0, tally: 0 };
    const subject = timed(kit.subject, (milliseconds) => {
      spentMs.subject += milliseconds;
    });
    return { name, kit: { ...kit, subject, explain: (trace) => explanationOf(subject, trace) }, spentMs, rates: [] };
  } catch (error) {
    const missing = asInconclusive(error);
    if (missing) return missing.message;
    throw error;
  }
};

const play = async ({ kit, spentMs, rates }: Entrant, round: number): Promise<void> => {
  /** Does a part of the work; what the subject takes of its time is the subject's. */
  const spend = async <T>(phase: Phase, work: () => MaybePromise<T>): Promise<T> => {
    const [startMs, subjectMs] = [performance.now(), spentMs.subject];
    const result = await work();
    spentMs[phase] += performance.now() - startMs - (spentMs.subject - subjectMs);
    return result;
  };
  const tallies: Tally[] = [];
  const beginMs = performance.now();
  for (let index = round * TRACES; index < (round + 1) * TRACES; index += 1) {
    const trace = await spend('generation', () => kit.traceFor(index));
    if (kit.subject.capabilities.excludes(trace) === undefined) {
      await spend('laws', () => run(kit.subject, trace));
      await spend('model', () => kit.explain(trace));
    }
    const judgement = await spend('laws', () => judge(kit, trace));
    await spend('tally', () => tallies.push(tallyOf(index, judgement)));
  }
  const tally = await spend('tally', () => sumOf(tallies));
  const broken = Object.entries(tally.laws).find(([, { violated, flaky }]) => Object.keys({ ...violated, ...flaky }).length > 0);
  if (broken) throw new Error(`bench: ${kit.subject.name} breaks the law ${broken[0]}, so its speed means nothing; run zoneproof verify --subject ${kit.subject.name}`);
  rates.push((tally.traces * 1000) / (performance.now() - beginMs));
};

/** A subject that tells how long each call took. */
const timed = (subject: Subject, took: (milliseconds: number) => void): Subject => {
  const measured = <T>(call: () => MaybePromise<T>): MaybePromise<T> => {
    const startMs = performance.now();
    const result = call();
    if (!(result instanceof Promise)) {
      took(performance.now() - startMs);
      return result;
    }
    return result.finally(() => took(performance.now() - startMs));
  };
  const wrap = (session: Session): Session => ({ feed: (events) => measured(() => session.feed(events)), close: () => measured(() => session.close()) });
  return {
    ...subject,
    open: (network) => {
      const opened = measured(() => subject.open(network));
      return opened instanceof Promise ? opened.then(wrap) : wrap(opened);
    },
  };
};

const forget = ({ spentMs, rates }: Entrant): void => {
  for (const phase of PHASES) spentMs[phase] = 0;
  rates.length = 0;
};

const sharesOf = (spentMs: Readonly<Record<Phase, number>>): Record<Phase, number> => {
  const all = PHASES.reduce((sum, phase) => sum + spentMs[phase], 0);
  const share = (phase: Phase): number => spentMs[phase] / all;
  return { generation: share('generation'), subject: share('subject'), model: share('model'), laws: share('laws'), tally: share('tally') };
};
