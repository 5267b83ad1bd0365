/** A replay concludes what a run would, of one trace. */
import { expect, test } from 'vitest';
import { held, premiseNotMet } from '../../properties/law.ts';
import type { Law } from '../../properties/law.ts';
import type { Mistake } from '../../properties/fakes.ts';
import { atMost, kitOf, lawOf } from '../gate/fakes.ts';
import { judge } from '../gate/judge.ts';
import { replayLines, verdictOf } from './replay.ts';
import { plainPaint } from './table.ts';

const replayed = async (laws: readonly Law[], { asked = false, mistake = {} }: { asked?: boolean; mistake?: Mistake } = {}) => {
  const kit = kitOf(laws, { mistake });
  const trace = kit.traceFor(1);
  const judgement = await judge(kit, trace);
  return { ...verdictOf(judgement, { asked, subject: 'fake' }), text: replayLines(trace, judgement, plainPaint).join('\n') };
};

const good = lawOf({ id: 'good', check: () => held });
const silent = lawOf({ id: 'silent', check: () => premiseNotMet });
const outside = lawOf({ id: 'outside', boundary: () => 'too strange', check: () => held });

test('held', async () => {
  expect(await replayed([good, silent])).toMatchObject({ exitCode: 0, sentence: 'Held: good, on fake.' });
});

test('violated, with what and where', async () => {
  const { exitCode, text } = await replayed([good, { ...atMost(0, ({ kind }) => kind === 'receive'), id: 'bad' }]);
  expect(exitCode).toBe(1);
  expect(text).toMatch(/^bad +violated +state at event \d+: expected at most 0; seen \d+$/m);
});

test('a law asked for by name has to be answered', async () => {
  expect(await replayed([good, silent], { asked: true })).toMatchObject({ exitCode: 3, sentence: 'Inconclusive: this trace says nothing about silent.' });
  const { exitCode, text } = await replayed([outside]);
  expect(exitCode).toBe(3);
  expect(text).toMatch(/^outside +outside +too strange$/m);
});

const throwing: Mistake = {
  outcome: () => {
    throw new Error('no more');
  },
};

test('a crash is a violation', async () => {
  expect(await replayed([good], { mistake: throwing })).toMatchObject({ exitCode: 1, sentence: 'Violated: crash, on fake.' });
});

test('what the subject cannot play is inconclusive, with the reason', async () => {
  const { exitCode, sentence } = await replayed([good], { mistake: { capabilities: { excludes: () => 'too hard' } } });
  expect({ exitCode, sentence }).toEqual({ exitCode: 3, sentence: 'Inconclusive: fake cannot play this trace: too hard.' });
});

const otherId: Mistake = {
  outcome: (seen) => ({ ...seen, left: seen.left.map(({ device, pieces }) => ({ device, pieces: pieces.map((piece) => ({ ...piece, id: 77 })) })) }),
};

test('what a line does not show is named', async () => {
  expect((await replayed([good], { mistake: otherId })).text).toMatch(/! seen: 77 instead of \d+ in\s+left\.0\.pieces\.0\.id/);
});

const strange: Mistake = { outcome: (seen) => ({ ...seen, left: [] }) };

test('where a subject does not do what the model says, the story shows both', async () => {
  const { text } = await replayed([good], { mistake: strange });
  expect(text).toContain('! seen: nothing leaves');
  expect((await replayed([good])).text).not.toContain('!');
});
