/**
 * The status page: for every law and rule, on which subject it was confirmed, and what was not.
 */
import { laws } from '../../properties/laws/index.ts';
import { REFERENCE } from '../../spec/profile.ts';
import { ERAS } from '../../spec/era.ts';
import { erasOf, type RuleId, ruleIds, rules, rulesUnder } from '../../spec/rules.ts';
import type { Counts } from '../gate/tally.ts';
import { markdownTable } from '../docs/table.ts';
import type { StatusRecord } from './record.ts';

export const STATUS_PAGE = 'spec/STATUS.md';

/** The whole page out of the records. */
export const statusPage = (records: readonly StatusRecord[]): string =>
  [
    '# What was confirmed, and by whom',
    '',
    'This page is made by `npm run docs` from the records in [status/](status/), and those by `npm run status`: one run of',
    '`zoneproof verify` for each subject that can run on the machine. A rule is confirmed by a trace in which it decided an',
    'outcome that was compared with the subject\'s own, and agreed. What was left out is listed, with its reason.',
    '',
    '## Subjects',
    '',
    markdownTable(
      ['subject', 'version', 'traces', 'seed', 'suite'],
      records.map(({ subject, version, traces, seed, zoneproof }) => [subject, version, String(traces), String(seed), zoneproof]),
    ),
    '',
    '## Laws',
    '',
    'Traces that met the law\'s premise, of those inside its boundary.',
    '',
    markdownTable(['law', ...records.map(({ subject }) => subject)], laws.map(({ id }) => [id, ...records.map((record) => lawCell(record, id))])),
    '',
    '## Left out',
    '',
    leftOut(records),
    '',
    '## Divergences',
    '',
    'Rules that a subject follows instead of the model\'s own, each a switch in [profile.ts](profile.ts) with its reason.',
    '',
    markdownTable(
      ['rule', 'what it says', ...records.map(({ subject }) => subject)],
      ruleRows(records, (id) => !own.has(id), (id) => [rules[id].sentence]),
    ),
    '',
    '## Eras',
    '',
    'Rules that are not of all eras ([era.md](era.md)): a kernel confirms those of its own.',
    '',
    markdownTable(
      ['rule', 'eras', ...records.map(({ subject }) => subject)],
      ruleRows(records, (id) => erasOf(id).length < ERAS.length, (id) => [erasOf(id).join(', ')]),
    ),
    '',
    '## Rules',
    '',
    'Traces that confirmed the rule.',
    '',
    markdownTable(['rule', ...records.map(({ subject }) => subject)], ruleRows(records, () => true, () => [])),
    '',
  ].join('\n');

const lawCell = (record: StatusRecord, id: string): string => {
  const row = record.laws.find(({ law }) => law === id);
  if (!row) return 'not recorded yet';
  return row.result === 'held' ? `held: ${row.premise} of ${row.judged}` : `${row.result}${row.why === undefined ? '' : `: ${row.why}`}`;
};

const leftOut = (records: readonly StatusRecord[]): string => {
  const lines = records.flatMap(({ subject, excluded, incomparable, unspecified }) => [
    ...reasons(excluded).map(([reason, count]) => `- ${subject}: ${count} traces not played: ${reason}`),
    ...reasons(incomparable).map(([reason, count]) => `- ${subject}: ${count} traces not compared with the model: ${reason}`),
    ...reasons(unspecified).map(([reason, count]) => `- ${subject}: ${count} events not compared: ${reason}`),
  ]);
  return lines.join('\n') || 'Nothing.';
};

const reasons = (counts: Counts): readonly [string, number][] => Object.entries(counts).toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));

const ruleRows = (
  records: readonly StatusRecord[],
  which: (id: RuleId) => boolean,
  more: (id: RuleId) => readonly string[],
): readonly (readonly string[])[] =>
  ruleIds.filter(which).map((id) => [`\`${id}\``, ...more(id), ...records.map(({ confirmed }) => String(confirmed[id] ?? 'not confirmed'))]);

/** The rules of the model itself. */
const own = new Set(rulesUnder(REFERENCE));
