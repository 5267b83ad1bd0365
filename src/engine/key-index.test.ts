/** The index against a Map, with hashes so poor that nearly everything collides. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { clearKeys, createKeyIndex, findKey, insertKey, removeKey } from './key-index.ts';
import { NONE } from './pool.ts';

const IDS = 12;
const key = fc.record({ w0: fc.integer({ min: 0, max: 2 }), w3: fc.integer({ min: 0, max: 3 }) });
const poorHash = (k: { w0: number; w3: number }): number => (k.w3 * 31 - 17) | 0;
const command = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), key, id: fc.integer({ min: 0, max: IDS - 1 }) }),
  fc.record({ kind: fc.constant('remove' as const), id: fc.integer({ min: 0, max: IDS - 1 }) }),
  fc.record({ kind: fc.constant('clear' as const) }),
);

test('it finds what a Map finds after any insertions, removals and clearings', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 120 }), (commands) => {
      const index = createKeyIndex(IDS);
      const owners = new Map<string, number>();
      for (const step of commands) {
        if (step.kind === 'clear') {
          clearKeys(index, IDS);
          owners.clear();
        } else if (step.kind === 'remove') {
          const owned = [...owners].find(([, id]) => id === step.id);
          if (!owned) continue;
          removeKey(index, step.id);
          owners.delete(owned[0]);
        } else {
          const name = JSON.stringify(step.key);
          if (owners.has(name) || [...owners.values()].includes(step.id)) continue;
          insertKey(index, step.id, poorHash(step.key), step.key.w0, 7, 8, step.key.w3);
          owners.set(name, step.id);
        }
        expect(index.used).toBe(owners.size);
        for (let w0 = 0; w0 < 3; w0++) {
          for (let w3 = 0; w3 < 4; w3++) {
            const wanted = owners.get(JSON.stringify({ w0, w3 })) ?? NONE;
            expect(findKey(index, poorHash({ w0, w3 }), w0, 7, 8, w3)).toBe(wanted);
          }
        }
      }
    }),
    { numRuns: 400, seed: 1 },
  );
});

test('each of the four words counts', () => {
  const index = createKeyIndex(4);
  insertKey(index, 0, 5, 1, 2, 3, 4);
  expect(findKey(index, 5, 1, 2, 3, 4)).toBe(0);
  for (const [w0, w1, w2, w3] of [
    [0, 2, 3, 4],
    [1, 0, 3, 4],
    [1, 2, 0, 4],
    [1, 2, 3, 0],
  ] as const) {
    expect(findKey(index, 5, w0, w1, w2, w3)).toBe(NONE);
  }
});

test('many removals leave nothing behind: the index is as empty as a new one', () => {
  const index = createKeyIndex(8);
  for (let round = 0; round < 1000; round++) {
    insertKey(index, round & 7, round, round, 0, 0, 0);
    removeKey(index, round & 7);
  }
  expect([...index.slots].filter((_, place) => place % 2 === 0)).toEqual(Array.from({ length: 16 }, () => 0));
});

test('a key has one owner', () => {
  const index = createKeyIndex(4);
  insertKey(index, 0, 5, 1, 2, 3, 4);
  expect(() => insertKey(index, 1, 5, 1, 2, 3, 4)).toThrow('one key has one owner');
});
