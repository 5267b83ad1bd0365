/**
 * The report of a failure: one screen that ends with a line to paste.
 */
import { accountOf } from '../../properties/account.ts';
import type { Result } from '../gate/result.ts';
import { countOf } from '../gate/summary.ts';
import { CRASH } from '../gate/verdict.ts';
import type { Failure } from '../gate/task.ts';
import { artifactsOf } from './artifacts.ts';
import { lanes } from './lanes.ts';
import { cut, wrap } from './table.ts';
import type { Paint } from './table.ts';

const WIDTH = 100;
/** Lines of a trace that fit beside what has to be said of it. */
const TRACE_LINES = 22;

/** Of each law the failure that came down to the fewest events in full, the others in a line each. */
export const failureReport = (result: Result, out: string, paint: Paint): readonly string[] => {
  const groups = new Map<string, Failure[]>();
  for (const failure of result.failures) {
    const key = JSON.stringify([failure.law, failure.flaky, failure.breach.beyond]);
    groups.set(key, [...(groups.get(key) ?? []), failure]);
  }
  return [...groups.values()].flatMap((group) => groupLines(result, group.toSorted((a, b) => a.trace.events.length - b.trace.events.length || a.index - b.index), out, paint));
};

const groupLines = (result: Result, [failure, ...others]: readonly Failure[], out: string, paint: Paint): readonly string[] => {
  if (!failure) return [];
  const { law, what, index, flaky, trace, breach, signature, minimal } = failure;
  const sentence = law === CRASH.id ? CRASH.sentence : (result.description.laws.find(({ id }) => id === law)?.sentence ?? '');
  const count = countBeyond(result, failure);
  const size = `${trace.events.length} event${trace.events.length === 1 ? '' : 's'}${minimal ? ', none of which can be removed' : ', not reduced to the end'}`;
  return [
    paint('red', `${flaky ? 'FLAKY' : 'VIOLATED'} ${law}`),
    ...wrap(sentence, WIDTH - 2).map((line) => `  ${line}`),
    ...(breach.beyond === undefined ? [] : [`  ${flaky ? 'not each time' : 'broken'} where ${breach.beyond}`]),
    `  violated by ${count} trace${count === 1 ? '' : 's'}; trace ${index} comes down to ${size}`,
    '',
    ...indented(fitting(lanes(trace, { width: WIDTH - 2, marked: breach.event }))),
    '',
    `  event ${breach.event}${breach.tenant === undefined ? '' : ` of tenant ${breach.tenant}`}: ${what}`,
    `    expected   ${cut(breach.expected, WIDTH - 15)}`,
    `    seen       ${cut(breach.seen, WIDTH - 15)}`,
    ...rulesAt(result, failure),
    `  signature    ${signature}`,
    `  files        ${out}/${signature}.{${artifactsOf(failure, result.description.profile).map(({ name }) => name.slice(signature.length + 1)).join(',')}}`,
    `  replay       ${replayLine(result, failure, out)}`,
    ...alsoLines(failure, others, count),
    '',
  ];
};

/** Violations of the same law in networks that let it break in the same way. */
const countBeyond = (result: Result, { law, flaky, breach: { beyond } }: Failure): number => {
  const kinds = result.tally.laws[law]?.[flaky ? 'flaky' : 'violated'] ?? {};
  const alike = Object.entries(kinds).filter(([, { lowest }]) => lowest.some((sighting) => sighting.breach.beyond === beyond));
  return countOf(Object.fromEntries(alike));
};

const ALSO = 6;

const alsoLines = (first: Failure, others: readonly Failure[], count: number): readonly string[] => {
  const shown = others.slice(0, ALSO).map(({ index, signature }) => `trace ${index}: ${signature === first.signature ? 'the same signature' : signature}`);
  const rest = count - 1 - shown.length;
  return [...shown, ...(rest > 0 ? [`${rest} more`] : [])].map((line) => `  also         ${line}`);
};

const rulesAt = ({ description }: Result, { trace, breach }: Failure): readonly string[] => {
  const account = accountOf(trace, description.profile).find(({ event }) => event === breach.event);
  const [first = 'none', ...rest] = wrap(account?.rules.join(', ') ?? '', WIDTH - 15);
  return [`    rules      ${first}`, ...rest.map((line) => `               ${line}`)];
};

/** A line to paste. */
const replayLine = ({ plan }: Result, failure: Failure, out: string): string => {
  const law = failure.law === CRASH.id ? '' : ` --law ${quoted(failure.law)}`;
  const root = plan.ovsRoot === undefined ? '' : ` --ovs-root ${quoted(plan.ovsRoot)}`;
  return `npx zoneproof replay ${quoted(`${out}/${failure.signature}.trace.json`)} --subject ${plan.subject}${root}${law}${plan.terrain === 'apart' ? '' : ` --terrain ${plan.terrain}`}`;
};

const quoted = (word: string): string => (/^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`);

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => (line === '' ? '' : `  ${line}`));

/** The title, the beginning and the end; the story has all of it. */
export const fitting = (lines: readonly string[]): readonly string[] => {
  if (lines.length <= TRACE_LINES) return lines;
  const half = Math.floor((TRACE_LINES - 1) / 2);
  const between = lines.length - 2 * half;
  return [...lines.slice(0, half), `${' '.repeat(16)}... ${between} lines more, all of them in the story`, ...lines.slice(-half)];
};
