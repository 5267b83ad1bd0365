/**
 * A small generator of pseudo-random numbers, so that the same seed always gives the same trace.
 *
 * Source: Mulberry32 (public domain); 32 bits of state are plenty to shuffle with.
 */

/** A whole number from 0 up to, not including, `below`, which is 1 or more. */
export type Random = (below: number) => number;

export const randomOf = (seed: number): Random => {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
};

/** The same items in another order. */
export const shuffled = <T>(items: readonly T[], random: Random): readonly T[] => {
  const rest = [...items];
  return items.flatMap(() => rest.splice(random(rest.length), 1));
};
