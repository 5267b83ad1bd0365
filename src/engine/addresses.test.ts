/** Numbers of IPv6 addresses: equal bytes have one as long as somebody uses them. */
import { expect, test } from 'vitest';
import { clearAddresses, createAddresses, numberOf, recall, unuse, use, useAgain } from './addresses.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { inUse, NONE } from './pool.ts';

const open = (hashSeed = 1) => createAddresses({ ...DEFAULT_LIMITS, connectionsMax: 4, queuesMax: 1, hashSeed });
/** All bytes 0, but for one. */
const only = (place: number): Uint8Array => Uint8Array.from({ length: 16 }, (_, index) => (index === place ? 1 : 0));

test('each byte counts, whatever the seed', () => {
  for (const seed of [0, 1, -1]) {
    const addresses = open(seed);
    const numbers = Array.from({ length: 16 }, (_, place) => use(addresses, only(place), 0));
    expect(new Set(numbers).size).toBe(16);
    expect(Array.from({ length: 16 }, (_, place) => numberOf(addresses, only(place), 0))).toEqual(numbers);
    expect(numberOf(addresses, new Uint8Array(16), 0)).toBe(NONE);
  }
});

test('an address goes with its last use, and its number is free again', () => {
  const addresses = open();
  const number = use(addresses, Uint8Array.from([9, ...only(3)]), 1);
  useAgain(addresses, number);
  expect(use(addresses, only(3), 0)).toBe(number);
  for (const left of [number, number]) {
    unuse(addresses, number);
    expect(numberOf(addresses, only(3), 0)).toBe(left);
  }
  unuse(addresses, number);
  expect([numberOf(addresses, only(3), 0), inUse(addresses.pool)]).toEqual([NONE, 0]);
});

test('a number gives its bytes back', () => {
  const addresses = open();
  const bytes = Uint8Array.from({ length: 16 }, (_, place) => 0xf0 + place);
  const back = new Uint8Array(16);
  recall(addresses, use(addresses, bytes, 0), back);
  expect(back).toEqual(bytes);
  clearAddresses(addresses);
  expect([numberOf(addresses, bytes, 0), inUse(addresses.pool)]).toEqual([NONE, 0]);
});
