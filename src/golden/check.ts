/**
 * The golden check: files on disk are what the scenarios render to, byte for byte, and model and engine do what the
 * files say.
 */
import { scenarios } from '../../golden/scenarios/index.ts';
import type { Subject } from '../../properties/subject.ts';
import type { Difference } from '../../spec/index.ts';
import { messageOf } from '../gate/errors.ts';
import { engineSubject } from '../subjects/engine.ts';
import { modelSubject } from '../subjects/model.ts';
import { packageRoot, presentFiles, wantedFiles } from './files.ts';
import { replay } from './replay.ts';

export type GoldenProblem =
  | { readonly kind: 'missing' | 'changed' | 'extra'; /** From the package's root. */ readonly file: string }
  | { readonly kind: 'outcome'; readonly scenario: string; readonly subject: string; readonly difference: Difference }
  | { readonly kind: 'crash'; readonly scenario: string; readonly subject: string; readonly why: string };

export type GoldenReport = {
  readonly scenarios: number;
  readonly files: number;
  /** The subjects that all scenarios were replayed on. */
  readonly subjects: readonly string[];
  /** Files first; empty: all is as it should be. */
  readonly problems: readonly GoldenProblem[];
};

/** @param root the package's folder. */
export const checkGolden = async (
  root: string = packageRoot(),
  subjects: readonly Subject[] = [modelSubject(), engineSubject()],
): Promise<GoldenReport> => {
  const problems = [...fileProblems(root)];
  for (const [scenario, trace] of Object.entries(scenarios)) {
    for (const subject of subjects) {
      try {
        const difference = await replay(subject, trace);
        if (difference) problems.push({ kind: 'outcome', scenario, subject: subject.name, difference });
      } catch (error) {
        problems.push({ kind: 'crash', scenario, subject: subject.name, why: messageOf(error) });
      }
    }
  }
  const names = subjects.map(({ name }) => name);
  return { scenarios: Object.keys(scenarios).length, files: presentFiles(root).size, subjects: names, problems };
};

/** One line where all is well, else a line a problem and what to do. */
export const goldenText = ({ scenarios: count, files, subjects, problems }: GoldenReport): string => {
  if (problems.length === 0) {
    return `golden: ${count} scenarios, ${files} files as rendered, replayed on ${subjects.join(' and ')}\n`;
  }
  const remedy = problems.some(({ kind }) => kind === 'missing' || kind === 'changed' || kind === 'extra')
    ? 'See what changed with `golden diff`; if it is meant, `golden update` writes it.\n'
    : '';
  return `${problems.map((problem) => `golden: ${problemText(problem)}\n`).join('')}${remedy}`;
};

const fileProblems = (root: string): readonly GoldenProblem[] => {
  const [wanted, present] = [wantedFiles(), presentFiles(root)];
  const problems: GoldenProblem[] = [];
  for (const [file, bytes] of wanted) {
    const found = present.get(file);
    if (!found) problems.push({ kind: 'missing', file });
    else if (Buffer.compare(found, bytes) !== 0) problems.push({ kind: 'changed', file });
  }
  for (const file of present.keys()) {
    if (!wanted.has(file)) problems.push({ kind: 'extra', file });
  }
  return problems;
};

const problemText = (problem: GoldenProblem): string => {
  switch (problem.kind) {
    case 'missing':
      return `${problem.file} is missing`;
    case 'changed':
      return `${problem.file} is not what its scenario renders to`;
    case 'extra':
      return `${problem.file} belongs to no scenario`;
    case 'outcome': {
      const { event, expected, seen } = problem.difference;
      return `${problem.scenario} on ${problem.subject}: event ${event} should be "${expected}" and is "${seen}"`;
    }
    case 'crash':
      return `${problem.scenario} on ${problem.subject}: ${problem.why}`;
    default:
      return problem satisfies never;
  }
};
