/**
 * Known findings in the report of a run: how often each had a part in a violation, and whether it still shows.
 */
import type { Result } from '../gate/result.ts';
import { wrap } from './table.ts';

const WIDTH = 100;

type Known = {
  readonly id: string;
  readonly title: string;
  /** Violations, each law of a trace counting as one. */
  readonly violations: number;
  /** Why it does not show any more. */
  readonly problem?: string;
};

export const knownOf = ({ description, known, tally }: Result): readonly Known[] =>
  description.known.map((finding) => {
    const problem = known.find((result) => result.finding === finding.id)?.problem;
    const violations = Object.values(tally.laws).reduce((sum, { findings }) => sum + (findings[finding.id] ?? 0), 0);
    return { ...finding, violations, ...(problem === undefined ? {} : { problem }) };
  });

export const knownLines = (result: Result): readonly string[] => knownOf(result).flatMap(linesOf);

const linesOf = ({ id, title, violations, problem }: Known): readonly string[] => [
  ...wrap(`known: ${violations} × ${id}: ${title}`, WIDTH),
  ...(problem === undefined
    ? []
    : wrap(`*** ${id} no longer shows: ${problem}. If that is right in this version, say so with "before" in ${id}.finding.json; if not, this run missed what it should have seen.`, WIDTH)),
];
