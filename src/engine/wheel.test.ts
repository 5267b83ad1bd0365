/** The wheel against a list of due times that is searched from end to end. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NONE } from './pool.ts';
import { arm, clearWheel, createWheel, disarm, popDue, touch, type Wheel } from './wheel.ts';

const TIMERS = 6;
const span = fc.oneof(
  fc.integer({ min: 0, max: 70 }),
  fc.constantFrom(63, 64, 65, 4095, 4096, 4097, 262_143, 262_144, 30_000, 120_000),
  fc.integer({ min: 0, max: 2 ** 31 }),
  fc.integer({ min: 0, max: 2 ** 48 }),
);
const command = fc.record({
  kind: fc.constantFrom('arm', 'touch', 'disarm', 'advance', 'advance', 'clear'),
  id: fc.integer({ min: 0, max: TIMERS - 1 }),
  span,
});

const popAll = (wheel: Wheel, nowMs: number): readonly number[] => {
  const ids: number[] = [];
  for (let id = popDue(wheel, nowMs); id !== NONE; id = popDue(wheel, nowMs)) ids.push(id);
  return ids.toSorted((a, b) => a - b);
};

test('after any time, exactly those timers come out that are due', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
      const wheel = createWheel(TIMERS);
      const due = new Map<number, number>();
      let now = 0;
      for (const { kind, id, span } of commands) {
        if (kind === 'clear' && span < 10) {
          clearWheel(wheel, TIMERS);
          due.clear();
          now = 0;
        } else if (kind === 'arm' && !due.has(id)) {
          arm(wheel, id, now + span);
          due.set(id, now + span);
        } else if (kind === 'touch' && due.has(id)) {
          touch(wheel, id, now + span);
          due.set(id, now + span);
        } else if (kind === 'disarm' && due.has(id)) {
          disarm(wheel, id);
          due.delete(id);
        } else if (kind === 'advance') {
          now += span;
          const expected = [...due].filter(([, at]) => at <= now).map(([id]) => id).toSorted((a, b) => a - b);
          expect(popAll(wheel, now)).toEqual(expected);
          for (const id of expected) due.delete(id);
        }
      }
    }),
    { numRuns: 3000, seed: 2 },
  );
});

test('a timer comes out at its millisecond and not one before', () => {
  for (const dueMs of [1, 63, 64, 65, 4095, 4096, 30_000, 120_000, 2 ** 32, 2 ** 51 + 1]) {
    const wheel = createWheel(1);
    arm(wheel, 0, dueMs);
    expect(popAll(wheel, dueMs - 1)).toEqual([]);
    expect(popAll(wheel, dueMs)).toEqual([0]);
  }
});

test('a timer that was moved later does not come out at its old time', () => {
  const wheel = createWheel(1);
  arm(wheel, 0, 100);
  touch(wheel, 0, 250);
  expect(popAll(wheel, 249)).toEqual([]);
  expect(popAll(wheel, 250)).toEqual([0]);
});

test('a timer that was moved earlier comes out at its new time', () => {
  const wheel = createWheel(1);
  arm(wheel, 0, 100_000);
  touch(wheel, 0, 10);
  expect(popAll(wheel, 9)).toEqual([]);
  expect(popAll(wheel, 10)).toEqual([0]);
});
