/** What the reducer gives back is small, fails alike, and stays inside the boundary. */
import { expect, test } from 'vitest';
import { held, violated } from '../../properties/law.ts';
import { atMost, kitOf, lawOf } from './fakes.ts';
import { verdictOf } from './verdict.ts';
import { reduce, without } from './reduce.ts';
import type { Law } from '../../properties/law.ts';

const reduced = async (law: Law, index: number, limit = 10_000) => {
  const kit = kitOf([law]);
  const trace = kit.traceFor(index);
  const verdict = await verdictOf(law.check, kit, trace);
  if (verdict.kind !== 'violated') return undefined;
  return { kit, ...(await reduce(kit, { trace, breach: verdict.breach, check: law.check, boundary: (candidate) => law.boundary(candidate), limit })) };
};

test('the result is 1-minimal: without any one event it no longer fails', async () => {
  const law = atMost(1, ({ kind }) => kind === 'receive');
  let seen = 0;
  for (let index = 0; index < 30; index += 1) {
    const result = await reduced(law, index);
    if (!result) continue;
    seen += 1;
    expect(result.minimal).toBe(true);
    expect(result.trace.events).toHaveLength(2);
    for (const { id } of result.trace.events) {
      expect((await verdictOf(law.check, result.kit, without(result.trace, id))).kind).toBe('held');
    }
  }
  expect(seen).toBeGreaterThan(10);
});

test('events that the moves keep are tried one by one all the same', async () => {
  const law = atMost(0, ({ kind }) => kind === 'receive');
  const kit = { ...kitOf([law]), moves: () => [] };
  const trace = kit.traceFor(1);
  const verdict = await verdictOf(law.check, kit, trace);
  if (verdict.kind !== 'violated') throw new Error('the trace has no packet');
  const result = await reduce(kit, { trace, breach: verdict.breach, check: law.check, boundary: () => true, limit: 10_000 });
  expect(result.trace.events).toHaveLength(1);
});

test('it stays inside the boundary and keeps the kind of difference', async () => {
  const law = lawOf({
    boundary: (trace) => (trace.events.length >= 3 ? true : 'too short'),
    check: (_, { events }) => {
      const [last] = events.slice(-1);
      return last ? violated({ what: events.length % 2 === 1 ? 'state' : 'zone', event: last.id, expected: '', seen: '' }) : held;
    },
  });
  const { traceFor } = kitOf([law]);
  const inside = Array.from({ length: 20 }, (_, index) => index).filter((index) => law.boundary(traceFor(index)) === true);
  expect(inside.length).toBeGreaterThan(10);
  for (const index of inside) {
    const result = await reduced(law, index);
    expect(result?.trace.events.length).toBeGreaterThanOrEqual(3);
    const length = result?.trace.events.length ?? 0;
    expect(result?.breach.what).toBe(length % 2 === 1 ? 'state' : 'zone');
  }
});

test('when the checks run out the result is still made 1-minimal', async () => {
  const law = atMost(0, () => true);
  const result = await reduced(law, 3, 2);
  expect(result?.minimal).toBe(true);
  expect(result?.trace.events).toHaveLength(1);
});

test('it says if even that could not be settled', async () => {
  const law = atMost(0, () => true);
  expect(await reduced(law, 3, -1000)).toMatchObject({ minimal: false, checks: 0 });
});

test('answers go with what they answer', () => {
  const trace = kitOf([]).traceFor(0);
  const packet = trace.events.find((event) => event.kind === 'receive');
  if (!packet) throw new Error('the trace has no packet');
  const events = [{ ...packet, id: 1 }, { kind: 'answer', id: 2, to: 1 }, { kind: 'answer', id: 3, to: 2 }, { kind: 'advance', id: 4, milliseconds: 1 }] as const;
  expect(without({ ...trace, events }, 1).events.map(({ id }) => id)).toEqual([4]);
  expect(without({ ...trace, events }, 2).events.map(({ id }) => id)).toEqual([1, 4]);
});
