/** Tallies add in any order, and keep the lowest violations. */
import { expect, test } from 'vitest';
import { LOWEST, sumOf, tallyOf } from './tally.ts';
import type { Judgement } from './judge.ts';

const judgementAt = (index: number): Judgement =>
  index % 5 === 0
    ? { kind: 'excluded', reason: `reason ${index % 2}` }
    : {
        kind: 'judged',
        outcomes: [],
        rulings: new Map([['law', index % 3 === 0 ? { kind: 'violated', breach: { what: 'state', event: index, expected: '', seen: '' } } : { kind: 'held' }]]),
        account: [{ event: 1, passes: [], left: [], rules: [`rule ${index % 4}`, 'rule'] }],
      };

const tallies = Array.from({ length: 40 }, (_, index) => tallyOf(index, judgementAt(index)));

test('whatever the order and the grouping, the sum is the same', () => {
  const sum = sumOf(tallies);
  expect(sumOf(tallies.toReversed())).toEqual(sum);
  const halves = [tallies.slice(0, 13), tallies.slice(13)].map(sumOf);
  expect(sumOf(halves)).toEqual(sum);
  expect(sum.traces).toBe(40);
  expect(sum.laws['law']?.violated['state']?.lowest.map(({ index }) => index)).toEqual([3, 6, 9].slice(0, LOWEST));
});

test('the digest tells every trace and every verdict', () => {
  const digests = new Set(tallies.map(({ digest }) => digest));
  expect(digests.size).toBe(tallies.length);
  const other = judgementAt(3);
  if (other.kind === 'excluded') throw new Error('trace 3 is judged');
  expect(tallyOf(3, { ...other, rulings: new Map([['law', { kind: 'held' }]]) }).digest).not.toBe(tallies[3]?.digest);
});
