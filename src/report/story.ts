/**
 * The story of a trace: what happened to each tenant, what the model says of it, and by which rules.
 */
import { rules } from '../../spec/index.ts';
import type { EventId } from '../../spec/trace/event.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import type { Account } from '../gate/kit.ts';
import { differingField } from '../../spec/plain.ts';
import { lanes } from './lanes.ts';
import { wrap } from './table.ts';
import { colourWords, outcomeWords } from './words.ts';

type Options = {
  readonly width: number;
  readonly marked?: EventId;
  /** What a subject did; shown where it is not what the model says. Labels of both are canonical. */
  readonly seen?: readonly Outcome[];
  /** What each rule that fired says, once at the end. */
  readonly sentences: boolean;
};

export const story = (trace: Trace, account: readonly Account[], { width, marked, seen = [], sentences }: Options): readonly string[] => {
  const said = new Map(account.map((outcome) => [outcome.event, outcome]));
  const done = new Map(seen.map((outcome) => [outcome.event, outcome]));
  const fired = new Set(account.flatMap((outcome) => outcome.rules));
  const drawn = lanes(trace, {
    width,
    ...(marked === undefined ? {} : { marked }),
    below: (event) => {
      const outcome = said.get(event.id);
      if (!outcome) return [];
      const colour = event.kind === 'receive' ? colourWords(event.packet) : undefined;
      const by = outcome.rules.length === 0 ? [] : [`by ${outcome.rules.join(', ')}`];
      const expected = outcomeWords(outcome);
      return [...(colour === undefined ? [] : [`bytes of ${colour}`]), ...expected.map((line) => (line.startsWith('-') ? `  ${line}` : `= ${line}`)), ...by, ...unlike(outcome, done.get(event.id))];
    },
  });
  const about = trace.about === undefined ? [] : [...wrap(trace.about, width), ''];
  return [...about, ...drawn, ...(sentences ? ['', ...ruleSentences(fired, width)] : [])];
};

/** What was seen instead. */
const unlike = (expected: Account, seen: Outcome | undefined): readonly string[] => {
  if (!seen || expected.unspecified !== undefined) return [];
  const { passes, left, told, evicted } = expected;
  const field = differingField({ passes, left, told, evicted }, { passes: seen.passes, left: seen.left, told: seen.told, evicted: seen.evicted });
  if (!field) return [];
  const words = outcomeWords(seen);
  if (words.join('\n') === outcomeWords(expected).join('\n')) return [`! seen: ${field.given} instead of ${field.wanted} in ${field.place.slice(1)}`];
  return (words.length === 0 ? ['nothing'] : words).map((line) => `! seen: ${line}`);
};

/** The rules that fired, in the order of the specification. */
const ruleSentences = (fired: ReadonlySet<string>, width: number): readonly string[] =>
  Object.entries(rules)
    .filter(([id]) => fired.has(id))
    .flatMap(([id, { sentence, source }]) => [id, ...wrap(`${sentence} (${source})`, width - 4).map((line) => `    ${line}`)]);
