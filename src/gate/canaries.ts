/**
 * Canaries: a law broken on purpose, to see that its check would notice on this very subject.
 */
import { renumbered, type Trace } from '../../spec/trace/trace.ts';
import type { Breach, Canary, Law } from '../../properties/law.ts';
import { asInconclusive, messageOf } from './errors.ts';
import type { Kit } from './kit.ts';
import { reduce } from './reduce.ts';

/** Plain data. Neither found nor a problem: it was not there in as many traces as were searched. */
export type CanaryResult = {
  readonly law: string;
  readonly canary: string;
  /** Traces that were tried. */
  readonly searched: number;
  readonly found?: { readonly index: number; readonly breach: Breach; /** Reduced, and as it was played. */ readonly trace: Trace };
  /** Why the search ended early. */
  readonly problem?: string;
};

/** Traces in which a canary is looked for, before the law counts as blind. */
export const CANARY_TRACES = 3000;

/** Crashes of the subject after which a canary is looked for no longer. */
const MOST_CRASHES = 20;

/** Checks spent on making a canary's witness small. It need not be minimal: a person reads it only out of curiosity. */
const CANARY_CHECKS = 300;

/** Looks for a canary in the traces that the law itself would judge. Depends on the seed alone. */
export const findCanary = async (kit: Kit, law: Law, canary: Canary, tick: () => void): Promise<CanaryResult> => {
  const name = { law: law.id, canary: canary.id };
  let crashes = 0;
  let problem: string | undefined;
  for (let index = 0; index < CANARY_TRACES; index += 1) {
    tick();
    const trace = kit.traceFor(index);
    if (kit.subject.capabilities.excludes(trace) !== undefined || law.boundary(trace, kit.subject.capabilities) !== true) continue;
    try {
      const verdict = await canary.check(kit.subject, trace);
      if (verdict.kind !== 'violated') continue;
      const boundary = (candidate: Trace) => law.boundary(candidate, kit.subject.capabilities);
      const reduced = await reduce(kit, { trace, breach: verdict.breach, check: canary.check, anyKind: true, boundary, limit: CANARY_CHECKS, tick });
      const played = renumbered(canary.played?.(reduced.trace) ?? reduced.trace);
      return { ...name, searched: index + 1, found: { index, breach: reduced.breach, trace: played } };
    } catch (error) {
      const missing = asInconclusive(error);
      if (missing) throw missing;
      // A crash is not what the canary stands for, so it proves nothing about the check; another trace may.
      problem ??= `crashed on trace ${index}: ${messageOf(error)}`;
      crashes += 1;
      if (crashes === MOST_CRASHES) return { ...name, searched: index + 1, problem };
    }
  }
  return { ...name, searched: CANARY_TRACES, ...(problem === undefined ? {} : { problem }) };
};
