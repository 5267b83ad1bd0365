import { expect, test } from 'vitest';
import { type Direction, type Zone, zoneOf } from './zone.ts';

test.each<[Zone | undefined, Direction, number]>([
  [undefined, 'original', 0],
  [undefined, 'reply', 0],
  [{ id: 5, counts: 'both' }, 'original', 5],
  [{ id: 5, counts: 'both' }, 'reply', 5],
  [{ id: 5, counts: 'original' }, 'original', 5],
  [{ id: 5, counts: 'original' }, 'reply', 0],
  [{ id: 5, counts: 'reply' }, 'original', 0],
  [{ id: 5, counts: 'reply' }, 'reply', 5],
  [{ id: 0, counts: 'both' }, 'original', 0],
  [{ id: 65_535, counts: 'both' }, 'reply', 65_535],
])('%o in %s direction is zone %i', (extension, direction, id) => {
  expect(zoneOf(extension, direction)).toBe(id);
});
