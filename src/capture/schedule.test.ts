/** The schedule: whole seconds, never backwards, no endless silence. */
import { expect, test } from 'vitest';
import { clockOf, LONGEST_GAP_MS } from './schedule.ts';

const advances = (...milliseconds: (number | undefined)[]) => {
  const clock = clockOf();
  const moved = milliseconds.map((at) => clock.until(at === undefined ? undefined : BigInt(at) * 1_000_000n));
  return { moved, backwards: clock.backwards(), shortened: clock.shortened() };
};

test('parts of a second add up', () => {
  expect(advances(500, 900, 1499, 1500, 2400, 4600).moved).toEqual([0, 0, 0, 1000, 0, 3000]);
});

test('what is stamped earlier is played at the time reached, and counted', () => {
  expect(advances(5000, 7000, 3000, 7500, 8000)).toEqual({ moved: [0, 2000, 0, 0, 1000], backwards: 1, shortened: 0 });
});

test('a silence is shortened, and time goes on after it', () => {
  const year = 365 * 86_400_000;
  expect(advances(0, year, year + 999, year + 1000)).toEqual({ moved: [0, LONGEST_GAP_MS, 0, 1000], backwards: 0, shortened: 1 });
  expect(advances(0, LONGEST_GAP_MS)).toEqual({ moved: [0, LONGEST_GAP_MS], backwards: 0, shortened: 0 });
});

test('a packet without a time is played at once', () => {
  expect(advances(undefined, 1000, undefined, 2000).moved).toEqual([0, 0, 0, 1000]);
});
