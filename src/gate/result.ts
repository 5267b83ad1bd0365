/**
 * The result of a run, or of a shard of it: plain data, from which every report is made.
 */
import { kindOf } from '../../properties/law.ts';
import type { CanaryResult } from './canaries.ts';
import type { Description } from './kit.ts';
import type { KnownResult } from './known.ts';
import type { Plan } from './plan.ts';
import type { Tally } from './tally.ts';
import type { Failure } from './task.ts';

export type Result = {
  /** Version of the suite. */
  readonly zoneproof: string;
  readonly plan: Plan;
  readonly description: Description;
  /** In the order of laws and of their canaries. */
  readonly canaries: readonly CanaryResult[];
  /** In the order of the description. */
  readonly known: readonly KnownResult[];
  readonly tally: Tally;
  /** In the order of laws, kinds and indices; at most LOWEST of each. */
  readonly failures: readonly Failure[];
  /** Ended before everything was done. */
  readonly interrupted: boolean;
};

/** The one order of failures, however they came together. Laws that are not listed come first: the gate's own. */
export const inOrder = (failures: readonly Failure[], laws: readonly string[]): readonly Failure[] =>
  failures.toSorted(
    (a, b) =>
      laws.indexOf(a.law) - laws.indexOf(b.law) ||
      Number(a.flaky) - Number(b.flaky) ||
      compare(kindOf(a.breach), kindOf(b.breach)) ||
      a.index - b.index,
  );

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
