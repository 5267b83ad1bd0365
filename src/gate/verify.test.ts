/** A run says the same whatever it is cut into, and never more than it saw. */
import { expect, test } from 'vitest';
import { LOWEST } from './tally.ts';
import { held, premiseNotMet, violated } from '../../properties/law.ts';
import type { Law } from '../../properties/law.ts';
import type { Mistake } from '../../properties/fakes.ts';
import { plainPaint } from '../report/table.ts';
import { reportLines } from '../report/run-report.ts';
import { jsonlLines } from '../report/jsonl.ts';
import { localPool, atMost, easyCanary, kitOf, lawOf, planOf } from './fakes.ts';
import { merge } from './merge.ts';
import type { Plan } from './plan.ts';

import type { Pool } from './pool.ts';
import type { Result } from './result.ts';
import { parseShard, shardFileName, shardText } from './shard-file.ts';
import { summarise } from './summary.ts';
import { verify } from './verify.ts';

type Setting = { readonly plan?: Partial<Plan>; readonly mistake?: Mistake; readonly foreign?: boolean; readonly pool?: (pool: Pool) => Pool };

const verified = (laws: readonly Law[], { plan = {}, mistake = {}, foreign = false, pool = (same) => same }: Setting = {}): Promise<Result> =>
  verify(planOf(laws, plan), pool(localPool(kitOf(laws, { mistake, foreign }))), {
    watch: () => {},
    signal: new AbortController().signal,
    timeIsUp: () => false,
  });

const summaryOf = async (laws: readonly Law[], setting?: Setting) => summarise(await verified(laws, setting));

const report = (result: Result) => [...reportLines(result, 'out', plainPaint), ...jsonlLines(result, 'out')].join('\n');

const good = lawOf({ id: 'good', check: () => held });
const broken = { ...atMost(9, ({ kind }) => kind === 'receive'), id: 'broken' };

test('shards merged are the run, printed byte for byte', async () => {
  const laws = [good, broken];
  const whole = await verified(laws);
  expect(summarise(whole).exitCode).toBe(1);
  for (const of of [1, 2, 3, 7]) {
    const shards = await Promise.all(
      Array.from({ length: of }, async (_, place) => {
        const result = await verified(laws, { plan: { shard: { index: place + 1, of } } });
        const file = shardFileName(result);
        return { file, result: parseShard(shardText(result), file) };
      }),
    );
    expect(report(merge(shards.toReversed()))).toBe(report(whole));
  }
});

const backwards = (pool: Pool): Pool => ({ ...pool, run: (tasks, take, signal) => pool.run([...tasks].toReversed(), take, signal) });

test('the order in which tasks are done shows nowhere', async () => {
  const laws = [broken, good];
  expect(report(await verified(laws, { pool: backwards }))).toBe(report(await verified(laws)));
});

test('another seed is another digest', async () => {
  const kit = kitOf([good], { seed: 2 });
  const other = await verify(planOf([good], { seed: 2 }), localPool(kit), { watch: () => {}, signal: new AbortController().signal, timeIsUp: () => false });
  expect(other.tally.digest).not.toBe((await verified([good])).tally.digest);
});

test('every trace is judged after a failure, the lowest come first and are reduced', async () => {
  const result = await verified([broken]);
  expect(result.tally.traces).toBe(100);
  const count = result.tally.laws['broken']?.violated['state']?.count ?? 0;
  expect(count).toBeGreaterThan(3);
  expect(result.failures).toHaveLength(LOWEST);
  expect(result.failures.map(({ index }) => index)).toEqual(result.failures.map(({ index }) => index).toSorted((a, b) => a - b));
  for (const { trace, minimal } of result.failures) {
    expect(minimal).toBe(true);
    expect(trace.events).toHaveLength(10);
  }
});

test('a law whose canary is not found is blind, and the run inconclusive', async () => {
  const blind = lawOf({ id: 'blind', check: () => held, canaries: [{ ...easyCanary, id: 'never', check: () => held }] });
  const { rows, exitCode } = await summaryOf([good, blind]);
  expect(exitCode).toBe(3);
  expect(rows.map(({ result }) => result)).toEqual(['held', 'blind']);
});

test('a canary that crashes proves nothing', async () => {
  const law = lawOf({
    check: () => held,
    canaries: [{ ...easyCanary, check: () => { throw new Error('no'); } }],
  });
  const { rows } = await summaryOf([law]);
  expect(rows[0]).toMatchObject({ result: 'blind', why: 'canary easy crashed on trace 0: no' });
});

test('a law without a canary that fits is blind', async () => {
  const law = lawOf({ check: () => held, canaries: [{ ...easyCanary, fits: () => false }] });
  expect((await summaryOf([law])).rows[0]).toMatchObject({ result: 'blind', why: 'no canary fits this subject' });
});

test('a premise that hardly ever holds is not checked; asked for by name that is inconclusive', async () => {
  const rare = lawOf({ id: 'rare', check: () => premiseNotMet });
  const unasked = await summaryOf([good, rare]);
  expect(unasked.exitCode).toBe(0);
  expect(unasked.rows[1]).toMatchObject({ result: 'not checked', premise: 0, judged: 100 });
  expect((await summaryOf([rare], { plan: { asked: true } })).exitCode).toBe(3);
  expect((await summaryOf([good, rare], { plan: { asked: true } })).exitCode).toBe(3);
});

test('a need that the subject does not meet is said', async () => {
  const law = lawOf({ id: 'labelled', needs: ['labels'], check: () => held });
  const { rows, exitCode } = await summaryOf([good, law], { mistake: { capabilities: { labels: false } } });
  expect(rows[1]).toMatchObject({ result: 'not checked', why: 'the subject has no labels' });
  expect(exitCode).toBe(0);
});

test('traces outside the boundary are not judged', async () => {
  let judged = 0;
  const law = lawOf({ boundary: ({ events }) => (events.length % 2 === 0 ? true : 'odd'), check: () => ((judged += 1), held) });
  const { tally } = await verified([law]);
  const counts = tally.laws['fake-law'];
  expect(counts?.judged).toBe(judged);
  expect((counts?.judged ?? 0) + (counts?.outside['odd'] ?? 0)).toBe(100);
});

test('excluded traces are counted by reason; if nothing else is left, nothing is concluded', async () => {
  const result = await verified([good], { mistake: { capabilities: { excludes: () => 'too hard' } } });
  expect(result.tally.excluded).toEqual({ 'too hard': 100 });
  expect(summarise(result).exitCode).toBe(3);
  expect(report(result)).toContain('excluded: 100 traces, too hard');
});

const noFragments: Mistake['outcome'] = (seen, event) => {
  if (event.kind === 'receive' && event.packet.kind === 'ipv4' && event.packet.mf) throw new Error('cannot bear fragments');
  return seen;
};

test('a subject that throws is a violation, reduced to what makes it throw', async () => {
  const result = await verified([good], { mistake: { outcome: noFragments } });
  expect(summarise(result).exitCode).toBe(1);
  const [first] = result.failures;
  expect(first).toMatchObject({ law: 'crash', what: 'crash', breach: { seen: 'cannot bear fragments' } });
  expect(first?.trace.events).toHaveLength(1);
  expect(report(result)).toContain('VIOLATED crash');
});

test('a subject that goes missing ends the run', async () => {
  const law = lawOf({ check: () => { throw Object.assign(new Error('x'), { missing: 'No kernel.', remedy: 'Get one.' }); } });
  await expect(verified([law])).rejects.toThrow('No kernel. Get one.');
});

test('on a foreign subject a violation that does not repeat is flaky, not violated', async () => {
  const seen = new Set<string>();
  const once = lawOf({
    id: 'once',
    check: (_, trace) => {
      const key = JSON.stringify(trace.events);
      if (seen.has(key) || !trace.events[0]) return held;
      seen.add(key);
      return violated({ what: 'left', event: trace.events[0].id, expected: 'a', seen: 'b' });
    },
  });
  const result = await verified([once], { foreign: true, plan: { runs: 5 } });
  expect(summarise(result)).toMatchObject({ exitCode: 3, rows: [{ law: 'once', result: 'flaky' }] });
  expect(result.failures[0]).toMatchObject({ flaky: true, minimal: false });
  expect((await summaryOf([broken], { foreign: true })).exitCode).toBe(1);
});

test('on a foreign subject a reduced trace that does not repeat is not shown', async () => {
  const seen = new Set<string>();
  const shy = lawOf({
    id: 'shy',
    check: (_, { events }) => {
      const [first] = events;
      const key = JSON.stringify(events);
      if (!first || (events.length <= 12 && seen.has(key))) return held;
      seen.add(key);
      return violated({ what: 'left', event: first.id, expected: 'a', seen: 'b' });
    },
  });
  const { failures } = await verified([shy], { foreign: true, plan: { runs: 20 } });
  const violations = failures.filter(({ flaky }) => !flaky);
  expect(violations).toHaveLength(LOWEST);
  for (const { trace, minimal } of violations) {
    expect(trace.events.length).toBeGreaterThan(12);
    expect(minimal).toBe(false);
  }
});

test('an interrupted run tells what was done', async () => {
  const controller = new AbortController();
  let count = 0;
  const stopping = lawOf({ check: () => { count += 1; if (count === 40) controller.abort(); return held; } });
  const result = await verify(planOf([stopping]), localPool(kitOf([stopping])), { watch: () => {}, signal: controller.signal, timeIsUp: () => false });
  expect(result.tally.traces).toBe(40);
  expect(summarise(result)).toMatchObject({ exitCode: 130, sentence: 'Interrupted after 40 traces: nothing was violated so far.' });
});

test('a budget of time is of judging: it begins behind the canaries, and when it is used up nothing begun is lost', async () => {
  const happened: string[] = [];
  const canary = { ...easyCanary, check: (...asked: Parameters<typeof easyCanary.check>) => (happened.push('canary'), easyCanary.check(...asked)) };
  const law = lawOf({ canaries: [canary], check: () => (happened.push('judged'), held) });
  const timeIsUp = () => happened.push('asked') > 0 && happened.filter((what) => what === 'asked').length > 2;
  const plan = planOf([law], { runs: Number.MAX_SAFE_INTEGER, budgetMs: 1000 });
  const result = await verify(plan, localPool(kitOf([law])), { watch: () => {}, signal: new AbortController().signal, timeIsUp });
  expect(result.tally.traces).toBe(8);
  expect(happened.lastIndexOf('canary')).toBeLessThan(happened.indexOf('asked'));
  expect(happened.filter((what) => what === 'asked')).toHaveLength(3);
  expect(summarise(result).exitCode).toBe(0);
});

const shard = async (index: number, of: number, plan: Partial<Plan> = {}) => ({
  file: `${index}-${of}`,
  result: await verified([good], { plan: { ...plan, shard: { index, of } } }),
});

test('what is not all shards of one run is not merged', async () => {
  const [one, two] = [await shard(1, 2), await shard(2, 2)];
  expect(() => merge([])).toThrow(/There is no shard/);
  expect(() => merge([one])).toThrow('Shard 2 of 2 is missing; give every shard of the run.');
  expect(() => merge([one, { ...one, file: 'copy' }])).toThrow('copy and 1-2 are the same shard');
  const strange = await shard(2, 2, { runs: 50 });
  expect(() => merge([one, strange])).toThrow(/are not of one run/);
  const other = { file: 'other', result: { ...two.result, canaries: [] } };
  expect(() => merge([one, other])).toThrow(/not deterministic/);
});

test('a damaged shard file is refused in a sentence', async () => {
  const text = shardText(await verified([good], { plan: { runs: 3 } }));
  expect(() => parseShard(text.slice(0, 200), 's.json')).toThrow(/^s\.json is not a shard's result \([^\n]*\); give what verify --shard wrote\.$/);
  expect(() => parseShard(text.replace('"digest": "', '"digest": "x'), 's.json')).toThrow(/tally\.digest/);
});
