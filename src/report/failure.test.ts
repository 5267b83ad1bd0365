/** What a person sees of a failure fits one screen and holds what is needed to go on. */
import { expect, test } from 'vitest';
import { localPool, atMost, kitOf, planOf } from '../gate/fakes.ts';

import type { Result } from '../gate/result.ts';
import { verify } from '../gate/verify.ts';
import { artifacts } from './artifacts.ts';
import { failureReport } from './failure.ts';
import { reportLines } from './run-report.ts';
import { plainPaint } from './table.ts';

const law = { ...atMost(30, ({ kind }) => kind === 'receive'), id: 'a law' };

const result = (): Promise<Result> =>
  verify(planOf([law], { runs: 400 }), localPool(kitOf([law])), { watch: () => {}, signal: new AbortController().signal, timeIsUp: () => false });

test('a failure of many events fits one screen and ends with a line to paste', async () => {
  const found = await result();
  const lines = failureReport(found, 'out', plainPaint);
  expect(found.failures[0]?.trace.events).toHaveLength(31);
  expect(lines.length).toBeLessThanOrEqual(45);
  const replay = lines.find((line) => line.includes('npx zoneproof replay')) ?? '';
  expect(replay).toContain(`out/${found.failures[0]?.signature}.trace.json --subject model --law 'a law'`);
  for (const line of lines) if (line !== replay) expect(line.length).toBeLessThanOrEqual(100);
  expect(lines.join('\n')).toContain('lines more, all of them in the story');
});

test('every failure leaves a trace, a pcapng and a story, each once', async () => {
  const found = await result();
  const names = artifacts(found).map(({ name }) => name);
  for (const { signature } of found.failures) {
    for (const end of ['trace.json', 'pcapng', 'story.txt']) expect(names).toContain(`${signature}.${end}`);
  }
  expect(names.every((name) => /^[\w.-]+$/.test(name))).toBe(true);
});

test('the table says how often the law was judged, and the last line what came of it', async () => {
  const lines = reportLines(await result(), 'out', plainPaint);
  expect(lines.find((line) => line.startsWith('a law'))).toMatch(/^a law +400 +\d+\.\d % +violated +easy 0\/1$/);
  expect(lines.at(-1)).toBe('Violated: a law, on 400 traces of model.');
  expect(lines.at(-2)).toBe('seed 1');
});
