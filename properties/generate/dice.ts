/**
 * Dice: the few words in which generators draw, over fast-check's random source.
 */
import type { Random } from 'fast-check';

export type Dice = {
  /** A whole number, both ends included. */
  readonly between: (from: number, to: number) => number;
  /** One of them, all equally likely. */
  readonly among: <T>(...choices: readonly [T, ...(readonly T[])]) => T;
  /** True in `percent` of a hundred draws. */
  readonly chance: (percent: number) => boolean;
  /** 1 most often, each doubling a third as likely, never above `most`: what is rare is large, and it occurs. */
  readonly heavyTail: (most: number) => number;
  readonly shuffled: <T>(items: readonly T[]) => readonly T[];
};

export const diceOver = (random: Random): Dice => {
  const between = (from: number, to: number): number => (from >= to ? from : random.nextInt(from, to));
  const among = <T>(...choices: readonly [T, ...(readonly T[])]): T => choices[between(0, choices.length - 1)] ?? choices[0];
  const heavyTail = (most: number): number => {
    let top = 1;
    while (top < most && between(0, 2) === 0) top *= 2;
    return Math.min(most, between(Math.ceil((top + 1) / 2), top));
  };
  const shuffled = <T>(items: readonly T[]): readonly T[] => {
    const left = [...items];
    const taken: T[] = [];
    while (left.length > 0) taken.push(...left.splice(between(0, left.length - 1), 1));
    return taken;
  };
  return { between, among, chance: (percent) => between(1, 100) <= percent, heavyTail, shuffled };
};

/** A list that is known to have something to choose from. Throws if it has not. */
export const nonEmpty = <T>(items: readonly T[]): readonly [T, ...(readonly T[])] => {
  const [first, ...rest] = items;
  if (first === undefined) throw new RangeError('dice: there is nothing to choose from');
  return [first, ...rest];
};
