/** The pool's bounds, on both sides. */
import { expect, test } from 'vitest';
import { available, clearPool, createPool, giveBack, NONE, take } from './pool.ts';

test('it hands out each id once, up to its limit, and again what came back', () => {
  const pool = createPool(3);
  expect([take(pool), take(pool), take(pool), take(pool)]).toEqual([0, 1, 2, NONE]);
  giveBack(pool, 1);
  expect(available(pool)).toBe(1);
  expect([take(pool), take(pool)]).toEqual([1, NONE]);
  clearPool(pool);
  expect(available(pool)).toBe(3);
  expect(take(pool)).toBe(0);
});

test('what was not handed out does not come back', () => {
  const pool = createPool(3);
  take(pool);
  expect(() => giveBack(pool, 1)).toThrow('handed out');
  expect(() => giveBack(pool, -1)).toThrow('handed out');
  giveBack(pool, 0);
  expect(() => giveBack(pool, 0)).toThrow('twice');
});
