/**
 * A rule: one sentence of the specification, and where it comes from.
 *
 * Rules stand beside the code that decides, and a decision names its rules. Stories, coverage and lists are made from
 * this, so none of them is kept by hand.
 */

export type Rule = {
  readonly sentence: string;
  /** A kernel function, an RFC section or a setting. */
  readonly source: string;
};

export type Rules = Readonly<Record<string, Rule>>;
