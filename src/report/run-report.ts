/**
 * The report of a run as a person reads it: failures, each on a screen, then one table, then one line.
 */
import type { CanaryResult } from '../gate/canaries.ts';
import type { Counts } from '../gate/tally.ts';
import type { Result } from '../gate/result.ts';
import { summarise } from '../gate/summary.ts';
import type { Row } from '../gate/summary.ts';
import { divergencesUnder, rulesUnder } from '../../spec/rules.ts';
import { failureReport } from './failure.ts';
import { knownLines } from './known.ts';
import { table, wrap } from './table.ts';
import type { Paint } from './table.ts';

const WIDTH = 100;

/** Said before anything is judged, so that a run can be repeated even if it never ends. */
export const headLines = ({ zoneproof, plan, description }: Pick<Result, 'zoneproof' | 'plan' | 'description'>): readonly string[] => {
  const part = plan.shard.of === 1 ? '' : `, shard ${plan.shard.index} of ${plan.shard.of}`;
  const terrain = plan.terrain === 'apart' ? '' : `, as ${plan.terrain}`;
  const amount = plan.budgetMs === undefined ? `${plan.runs} traces` : `as many traces as ${plan.budgetMs / 1000} s allow, so another run prints other numbers`;
  return [`zoneproof ${zoneproof}: ${description.subject} ${description.version}, seed ${plan.seed}, ${amount}, ${plan.laws.length} laws${terrain}${part}`, ''];
};

/** @param out the directory of the files that belong to failures. */
export const reportLines = (result: Result, out: string, paint: Paint): readonly string[] => {
  const { rows, sentence, exitCode } = summarise(result);
  return [
    ...failureReport(result, out, paint),
    ...rowsTable(rows, paint),
    '',
    ...knownLines(result),
    ...whys(rows),
    ...countLines('excluded', 'traces', result.tally.excluded),
    ...countLines('not compared', 'traces', result.tally.incomparable),
    ...countLines('not compared', 'events', result.tally.unspecified),
    ...diverged(result),
    ...neverFired(result),
    `digest ${result.tally.digest}`,
    `seed ${result.plan.seed}`,
    paint(exitCode === 0 ? 'green' : 'red', sentence),
  ];
};

const rowsTable = (rows: readonly Row[], paint: Paint): readonly string[] =>
  table(
    [{ title: 'law' }, { title: 'judged', align: 'right' }, { title: 'premise', align: 'right' }, { title: 'result' }, { title: 'canaries (trace/events)' }],
    rows.map(({ law, judged, premise, canaries, result }) => [law, String(judged), share(premise, judged), result, canaries.map(canaryWords).join(', ')]),
    (row, column, text) => {
      if (row < 0) return paint('bold', text);
      return column === 3 ? paint(styleOf(rows[row]?.result ?? 'held'), text) : text;
    },
  );

const styleOf = (result: Row['result']) => {
  if (result === 'held') return 'green';
  return result === 'not checked' || result === 'known' ? 'yellow' : 'red';
};

/** In tenths of a per cent, rounded down: 99.9 % is not all. */
const share = (part: number, all: number): string => (all === 0 ? '-' : `${(Math.floor((part * 1000) / all) / 10).toFixed(1)} %`);

const canaryWords = ({ canary, found }: CanaryResult): string =>
  `${canary} ${found ? `${found.index}/${found.trace.events.length}` : 'not found'}`;

const whys = (rows: readonly Row[]): readonly string[] =>
  rows.flatMap(({ law, result, why }) => (why === undefined ? [] : [`${result}: ${law} (${why})`]));

const countLines = (title: string, what: string, counts: Counts): readonly string[] =>
  Object.entries(counts)
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([reason, count]) => `${title}: ${count} ${what}, ${reason}`);

/** Where the subject is known to differ from the model itself, and was judged by what it does instead. */
const diverged = ({ description: { profile }, tally }: Result): readonly string[] =>
  divergencesUnder(profile).map((rule) => `diverges as declared: ${tally.rules[rule] ?? 0} traces, ${rule}`);

const neverFired = ({ description: { profile, eras }, tally }: Result): readonly string[] => {
  const never = rulesUnder(profile, eras).filter((rule) => tally.rules[rule] === undefined);
  return never.length === 0 ? ['rules: every rule of the model fired'] : wrap(`rules that never fired: ${never.join(', ')}`, WIDTH);
};
