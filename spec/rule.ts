/**
 * A rule: one sentence of the specification, and where it comes from.
 *
 * Rules stand beside the code that decides, and a decision names its rules. Stories, coverage and lists are made from
 * this, so none of them is kept by hand.
 */

import type { Era } from './era.ts';
import type { Profile } from './profile.ts';

export type Rule = {
  readonly sentence: string;
  /** A kernel function, an RFC section or a setting. */
  readonly source: string;
  /**
   * The rule can fire under profiles with these switches only. If the model itself has others, the rule is a divergence:
   * what an implementation does otherwise, for the reason beside the switch (spec/profile.ts).
   */
  readonly under?: Partial<Profile>;
  /** The eras in which the rule decides; absent: in all. */
  readonly eras?: readonly Era[];
};

export type Rules = Readonly<Record<string, Rule>>;
