/**
 * The report of a replay: the story of the trace, what was seen where it was not what the model says, and every verdict.
 */
import { canonical } from '../../spec/outcome.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import type { Judgement, Ruling } from '../gate/judge.ts';
import { EXIT } from '../gate/summary.ts';
import type { ExitCode } from '../gate/summary.ts';
import { story } from './story.ts';
import { table } from './table.ts';
import type { Paint } from './table.ts';

const WIDTH = 120;

/** Longer stories are left to `explain`. */
const STORY_EVENTS = 200;

export const replayLines = (trace: Trace, judgement: Judgement, paint: Paint): readonly string[] => {
  if (judgement.kind === 'excluded') return [];
  const { account, outcomes = [], rulings, incomparable } = judgement;
  const told = trace.events.length <= STORY_EVENTS
    ? story(trace, canonicalAccount(account), { width: WIDTH, sentences: false, seen: outcomes })
    : [`${trace.events.length} events; zoneproof explain tells them.`];
  const rows = [...rulings].map(([law, ruling]) => [law, ruling.kind, whyOf(ruling)]);
  return [
    ...told,
    '',
    ...(incomparable === undefined ? [] : [`not compared with the model: ${incomparable}`, '']),
    ...table([{ title: 'law' }, { title: 'verdict' }, { title: '' }], rows, (row, column, text) => {
      if (row < 0) return paint('bold', text);
      return column === 1 ? paint(styleOf(rows[row]?.[1] ?? ''), text) : text;
    }),
  ];
};

/** As a run's, of one trace: what was asked for by name has to be answered. */
export const verdictOf = (judgement: Judgement, { asked, subject }: { readonly asked: boolean; readonly subject: string }): { exitCode: ExitCode; sentence: string } => {
  if (judgement.kind === 'excluded') return { exitCode: EXIT.inconclusive, sentence: `Inconclusive: ${subject} cannot play this trace: ${judgement.reason}.` };
  const named = (...kinds: readonly Ruling['kind'][]) => [...judgement.rulings].filter(([, { kind }]) => kinds.includes(kind)).map(([law]) => law);
  const broken = named('violated');
  if (broken.length > 0) return { exitCode: EXIT.violated, sentence: `Violated: ${broken.join(', ')}, on ${subject}.` };
  const flaky = named('flaky');
  if (flaky.length > 0) return { exitCode: EXIT.inconclusive, sentence: `Inconclusive: ${flaky.join(', ')} violated, but not each time it was tried again.` };
  if (judgement.account.length === 0) return { exitCode: EXIT.inconclusive, sentence: 'Inconclusive: there is nothing to play.' };
  const held = named('held');
  const silent = named('outside', 'premise not met');
  if (held.length === 0 || (asked && silent.length > 0)) {
    const silence = silent.length === 0 ? 'no law can be checked on this subject' : `this trace says nothing about ${silent.join(', ')}`;
    return { exitCode: EXIT.inconclusive, sentence: `Inconclusive: ${silence}.` };
  }
  return { exitCode: EXIT.held, sentence: `Held: ${held.join(', ')}, on ${subject}.` };
};

const canonicalAccount = <T extends Outcome>(account: readonly T[]): readonly T[] => {
  const labels = canonical(account);
  return account.map((outcome, index) => ({ ...outcome, ...labels[index] }));
};

const whyOf = (ruling: Ruling): string => {
  if (ruling.kind === 'outside') return ruling.reason;
  if (ruling.kind !== 'violated' && ruling.kind !== 'flaky') return '';
  const { what, event, expected, seen } = ruling.breach;
  return `${what} at event ${event}: expected ${expected}; seen ${seen}`;
};

const styleOf = (kind: string) => {
  if (kind === 'held') return 'green';
  return kind === 'violated' || kind === 'flaky' ? 'red' : 'yellow';
};
