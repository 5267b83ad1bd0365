/** Interleaving: each tenant in its order, all in one second, the same for the same seed. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Event } from '../../spec/trace/event.ts';
import { udp } from '../../test/capture-frames.ts';
import { interleave } from './interleave.ts';
import { randomOf, shuffled } from './random.ts';

const stepsOf = (advancesMs: readonly number[], tenants: number) =>
  advancesMs.map((advanceMs, index) => ({
    advanceMs,
    arrivals: Array.from({ length: tenants }, (_, tenant) => ({ device: `t${tenant}`, packet: udp({ id: index }) })),
  }));

/** An event without what tells tenants apart. */
const nameless = (event: Event) => ({ ...event, id: 0, device: 't0' });

/** Who receives, in order. */
const order = (seed: number) =>
  interleave(stepsOf(Array.from({ length: 50 }, () => 0), 2), randomOf(seed)).map((event) => ('device' in event ? event.device : ''));

test('every tenant plays every packet once, in order, between the same advances', () => {
  const advances = fc.array(fc.constantFrom(0, 0, 0, 1000, 5000), { maxLength: 30 });
  fc.assert(
    fc.property(advances, fc.integer({ min: 1, max: 5 }), fc.integer(), (advancesMs, tenants, seed) => {
      const events = interleave(stepsOf(advancesMs, tenants), randomOf(seed));
      expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index));
      const alone = interleave(stepsOf(advancesMs, 1), randomOf(0));
      for (let tenant = 0; tenant < tenants; tenant += 1) {
        const own = events.filter((event) => event.kind === 'advance' || (event.kind === 'receive' && event.device === `t${tenant}`));
        expect(own.map(nameless)).toEqual(alone.map(nameless));
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('the order of tenants is mixed, and the seed decides it', () => {
  expect(order(1)).toEqual(order(1));
  expect(order(1)).not.toEqual(order(2));
  const changes = order(1).filter((device, index, all) => index > 0 && device !== all[index - 1]).length;
  expect(changes).toBeGreaterThan(20);
});

test('random numbers are in range and shuffled items are the same items', () => {
  const random = randomOf(7);
  const draws = Array.from({ length: 5000 }, () => random(5));
  const counts = [0, 1, 2, 3, 4].map((value) => draws.filter((draw) => draw === value).length);
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  expect(counts.reduce((sum, count) => sum + count)).toBe(5000);
  const items = Array.from({ length: 30 }, (_, index) => index);
  expect(shuffled(items, random)).not.toEqual(items);
  expect(shuffled(items, random).toSorted((a, b) => a - b)).toEqual(items);
});
