/**
 * A finding: a violation of a released version of an engine, kept as a reduced trace, and the predicate by which another
 * violation is recognised as this one.
 */
import type { Pattern } from '../../properties/pattern.ts';
import type { Remedy } from '../../properties/remedies.ts';
import type { Terrain } from '../../properties/terrain.ts';
import type { Trace } from '../../spec/trace/trace.ts';

export type Finding = {
  /** Unique: the name of its files. */
  readonly id: string;
  /** One sentence. */
  readonly title: string;
  /** The kind of subject that it was found on. */
  readonly engine: string;
  readonly versions: Versions;
  /** What the trace breaks, where it is put on the law in this terrain. */
  readonly breaks: { readonly law: string; readonly terrain: Terrain; readonly what: string; readonly event: number };
  readonly recognise: Predicate;
  readonly story: Story;
  readonly trace: Trace;
};

/** Numbers with dots. `from` is the first version that has it, `before` the first that has it no more; where known. */
export type Versions = { readonly from?: string; readonly before?: string };

/**
 * A violation is this finding if it breaks one of these laws in such a way, if the law is kept without the cause that the
 * finding names, and if that cause is enough to break it.
 */
export type Predicate = {
  readonly laws: readonly string[];
  /** What the breach says of itself: what differs, what was expected, what was seen. */
  readonly breach: Pattern;
  /** By each of which alone the law is kept again: all of what they take away has to come together. One or more. */
  readonly remedies: readonly Remedy[];
  readonly enough: Sufficiency;
};

/** How it is known that the cause is enough. */
export type Sufficiency =
  /** The model parts from the law at the same event in the same words, and from the subject nowhere. */
  | 'the-model-breaks-it-alike'
  /**
   * The law breaks at the same event in the same way if nothing happens but such events, at least so many if that is said.
   * What shows by chance only, as corrupted memory does, shows in one of so many tries.
   */
  | { readonly only: Pattern; readonly least?: number; readonly tries?: number }
  /** The violation comes down to these events, one for one, when it is made as small as can be. */
  | { readonly reduced: readonly Pattern[] };

/** For people. */
export type Story = {
  /** What happens, why it does, and how that is known: paragraphs. */
  readonly text: readonly string[];
  /** What to do about it; a few words. */
  readonly avoid: string;
  /** What is known of it upstream. */
  readonly upstream: string;
  /** By which run, and how long that took until it showed. */
  readonly found: string;
};

/** Whether a finding is about a subject. */
export const appliesTo = ({ engine, versions: { from, before } }: Finding, subject: { readonly name: string; readonly version: string }): boolean =>
  engine === subject.name &&
  (from === undefined || order(numbersOf(from), numbersOf(subject.version)) <= 0) &&
  (before === undefined || order(numbersOf(subject.version), numbersOf(before)) < 0);

/** Those of the first number with dots: `Linux 6.18.44-x` is 6, 18, 44. */
const numbersOf = (version: string): readonly number[] => (/\d+(?:\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);

/** Below 0 if a comes first. What is not said is 0. */
const order = (a: readonly number[], b: readonly number[]): number => {
  const place = Array.from({ length: Math.max(a.length, b.length) }).findIndex((_, index) => (a[index] ?? 0) !== (b[index] ?? 0));
  return place === -1 ? 0 : (a[place] ?? 0) - (b[place] ?? 0);
};
