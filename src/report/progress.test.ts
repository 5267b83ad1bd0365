/** Progress is shown now and then, in the way of where it goes. */
import { expect, test } from 'vitest';
import { progressMeter } from './progress.ts';

const shown = (isTTY: boolean, timesMs: readonly number[]): string[] => {
  const written: string[] = [];
  let nowMs = 0;
  const meter = progressMeter({ isTTY, write: (text) => written.push(text) }, () => nowMs);
  for (const timeMs of timesMs) {
    nowMs = timeMs;
    meter.show({ traces: timeMs / 10, of: 1000, violations: 2, phase: 'judging' });
  }
  meter.end();
  return written;
};

test('elsewhere than on a terminal: a plain line every five seconds', () => {
  expect(shown(false, [100, 4999, 5000, 5001, 9999, 10_000])).toEqual([
    '500 of 1000 traces, 100/s, 5 s to go, 2 violations\n',
    '1000 of 1000 traces, 100/s, 0 s to go, 2 violations\n',
  ]);
});

test('on a terminal: one line that changes and goes away', () => {
  expect(shown(true, [199, 200, 300, 400])).toEqual([
    '\r20 of 1000 traces, 100/s, 10 s to go, 2 violations\u001B[K',
    '\r40 of 1000 traces, 100/s, 10 s to go, 2 violations\u001B[K',
    '\r\u001B[K',
  ]);
});

test('nothing was shown: nothing is wiped', () => {
  expect(shown(true, [])).toEqual([]);
});
