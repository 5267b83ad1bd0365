/**
 * The summary: what a result means, law by law, and the exit code that says it to a machine.
 */
import type { CanaryResult } from './canaries.ts';
import { CRASH } from './verdict.ts';
import type { LawDescription } from './kit.ts';
import type { Result } from './result.ts';
import type { LawTally, Sightings } from './tally.ts';

export const EXIT = { held: 0, violated: 1, usage: 2, inconclusive: 3, interrupted: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export type Row = {
  readonly law: string;
  readonly sentence: string;
  readonly judged: number;
  readonly premise: number;
  readonly canaries: readonly CanaryResult[];
  /** `known`: broken, but for the causes of known findings only. */
  readonly result: 'held' | 'known' | 'violated' | 'flaky' | 'blind' | 'not checked';
  /** Why it is neither held nor violated. */
  readonly why?: string;
};

export type Summary = {
  readonly rows: readonly Row[];
  readonly exitCode: ExitCode;
  /** One line. */
  readonly sentence: string;
};

/** A law says nothing about an implementation if less than this share of the traces met its premise. */
const LEAST_PREMISE = 0.01;

export const summarise = (result: Result): Summary => {
  const rows = [...crashRow(result), ...result.description.laws.map((law) => rowOf(law, result))];
  return { rows, ...conclusion(result, rows) };
};

/** Times that a law was violated. */
export const countOf = (kinds: Readonly<Record<string, Sightings>>): number =>
  Object.values(kinds).reduce((sum, { count }) => sum + count, 0);

/** The gate's own law shows only where it was broken. */
const crashRow = ({ tally }: Result): readonly Row[] => {
  const found = tally.laws[CRASH.id];
  if (!found) return [];
  const { judged, premise } = found;
  return [{ law: CRASH.id, sentence: CRASH.sentence, judged, premise, canaries: [], ...verdict(found) ?? { result: heldOrKnown(found) } }];
};

const rowOf = ({ id, sentence, unmet, canaries: fitting }: LawDescription, { tally, canaries, interrupted }: Result): Row => {
  const found = tally.laws[id];
  const own = canaries.filter(({ law }) => law === id);
  const { judged, premise } = found ?? { judged: 0, premise: 0 };
  const row = { law: id, sentence, judged, premise, canaries: own };
  if (unmet !== undefined) return { ...row, result: 'not checked', why: unmet };
  const broken = found && verdict(found);
  if (broken) return { ...row, ...broken };
  if (fitting.length === 0) return { ...row, result: 'blind', why: 'no canary fits this subject' };
  if (interrupted && own.length < fitting.length) return { ...row, result: 'not checked', why: 'interrupted' };
  const silent = own.find((canary) => !canary.found);
  if (silent) return { ...row, result: 'blind', why: blindness(silent) };
  if (judged === 0) return { ...row, result: 'not checked', why: 'no trace inside its boundary' };
  if (premise < judged * LEAST_PREMISE) return { ...row, result: 'not checked', why: 'premise met in less than 1 % of the traces' };
  return { ...row, result: heldOrKnown(found) };
};

const heldOrKnown = (found: LawTally | undefined): 'held' | 'known' => (found && found.known > 0 ? 'known' : 'held');

const verdict = ({ violated, flaky }: LawTally): { result: 'violated' } | { result: 'flaky'; why: string } | undefined => {
  if (countOf(violated) > 0) return { result: 'violated' };
  if (countOf(flaky) > 0) return { result: 'flaky', why: 'violated, but not each time it was tried again' };
  return undefined;
};

const blindness = ({ canary, searched, problem }: CanaryResult): string =>
  problem === undefined ? `canary ${canary} not found in ${searched} traces` : `canary ${canary} ${problem}`;

const conclusion = ({ plan, tally, known, interrupted }: Result, rows: readonly Row[]): { exitCode: ExitCode; sentence: string } => {
  const named = (result: Row['result']) => rows.filter((row) => row.result === result).map(({ law }) => law);
  const [held, excused, broken, flaky, blind, unchecked] = [named('held'), named('known'), named('violated'), named('flaky'), named('blind'), named('not checked')];
  const gone = known.filter(({ problem }) => problem !== undefined).map(({ finding }) => finding);
  const traces = `${tally.traces} traces`;
  const partly = interrupted ? 'Interrupted. ' : '';
  if (broken.length > 0) {
    return { exitCode: EXIT.violated, sentence: `${partly}Violated: ${broken.join(', ')}, on ${traces} of ${plan.subject}.` };
  }
  if (interrupted) return { exitCode: EXIT.interrupted, sentence: `Interrupted after ${traces}: nothing was violated so far.` };
  const reasons = [
    ...(flaky.length > 0 ? [`flaky: ${flaky.join(', ')}`] : []),
    ...(blind.length > 0 ? [`blind: ${blind.join(', ')}`] : []),
    ...(plan.asked && unchecked.length > 0 ? [`not checked though asked for: ${unchecked.join(', ')}`] : []),
    ...(gone.length > 0 ? [`known findings that no longer show: ${gone.join(', ')}`] : []),
    ...(held.length + excused.length === 0 ? ['no law was checked'] : []),
  ];
  if (reasons.length > 0) return { exitCode: EXIT.inconclusive, sentence: `Inconclusive on ${plan.subject}: ${reasons.join('; ')}.` };
  const rest = unchecked.length === 0 ? '' : `, ${unchecked.length} not checked`;
  const but = excused.length === 0 ? '' : `, ${excused.length} broken by known findings only (${excused.join(', ')})`;
  return { exitCode: EXIT.held, sentence: `Held: ${held.length} laws on ${traces} of ${plan.subject}${but}${rest}.` };
};
