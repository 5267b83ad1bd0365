/** Limits, asserted on both sides of every bound. */
import { expect, test } from 'vitest';
import { checkLimits, DEFAULT_LIMITS, within } from './limits.ts';

test.each([
  ['connectionsMax', 1, 2 ** 20],
  ['queuesMax', 1, 2 ** 14],
  ['fragmentBytesMax', 2 ** 17, 2 ** 28],
  ['devicesMax', 2, 2 ** 16],
  ['hashSeed', -(2 ** 31), 2 ** 32 - 1],
] as const)('%s', (name, least, most) => {
  for (const value of [least, most]) expect(() => checkLimits({ ...DEFAULT_LIMITS, [name]: value })).not.toThrow();
  for (const value of [least - 1, most + 1, Number.NaN, 1.5]) {
    expect(() => checkLimits({ ...DEFAULT_LIMITS, [name]: value })).toThrow(`engine: ${name} must be an integer from`);
  }
});

test('fragments are kept in whole pages', () => {
  expect(() => checkLimits({ ...DEFAULT_LIMITS, fragmentBytesMax: 2 ** 17 + 1 })).toThrow('multiple of 1024');
});

test('a bound says what it is about', () => {
  expect(() => within('x', 5, 0, 4)).toThrow('engine: x must be an integer from 0 to 4, not 5');
});
