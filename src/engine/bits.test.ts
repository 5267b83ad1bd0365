/** Sets of bits against Set. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { everyBit, nextBit, setBit, setBits, someBits } from './bits.ts';

const WORDS = 4;
const range = fc
  .tuple(fc.integer({ min: 0, max: WORDS * 32 }), fc.integer({ min: 0, max: WORDS * 32 }))
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));

test('ranges behave as those of a Set, and neighbours are left alone', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 4 }), range, fc.nat({ max: WORDS * 32 - 1 }), (filled, asked, single) => {
      const words = new Int32Array(WORDS + 2);
      const set = new Set<number>([single]);
      setBit(words, 1, single);
      for (const { from, to } of filled) {
        setBits(words, 1, from, to);
        for (let bit = from; bit < to; bit++) set.add(bit);
      }
      const inside = Array.from({ length: asked.to - asked.from }, (_, place) => set.has(asked.from + place));
      expect(someBits(words, 1, asked.from, asked.to)).toBe(inside.includes(true));
      expect(everyBit(words, 1, asked.from, asked.to)).toBe(!inside.includes(false));
      const first = inside.indexOf(true);
      expect(nextBit(words, 1, asked.from, asked.to)).toBe(first < 0 ? asked.to : asked.from + first);
      expect([words[0], words[WORDS + 1]]).toEqual([0, 0]);
    }),
    { numRuns: 2000, seed: 3 },
  );
});
