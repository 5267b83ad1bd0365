/**
 * The report of a run for machines: one JSON object a line, the same bytes for the same seed.
 *
 *     start      zoneproof, plan, subject, version, profile
 *     violation  law, what, flaky, index, event, tenant, expected, seen, events, minimal, signature, files (one line a reduced failure)
 *     known      finding, title, shows, problem, violations
 *     canary     law, canary, searched, found: {index, events} or problem
 *     law        law, result, why, judged, premise, violations, known, outside
 *     end        traces, excluded, incomparable, unspecified, diverged, neverFired, digest, seed, exitCode, sentence
 */
import { divergencesUnder, rulesUnder } from '../../spec/rules.ts';
import type { Result } from '../gate/result.ts';
import { countOf, summarise } from '../gate/summary.ts';
import type { Counts } from '../gate/tally.ts';
import { artifactsOf } from './artifacts.ts';
import { knownOf } from './known.ts';

export const jsonlHead = ({ zoneproof, plan, description }: Pick<Result, 'zoneproof' | 'plan' | 'description'>): string => {
  const { subject, version, profile } = description;
  return JSON.stringify({ type: 'start', zoneproof, plan, subject, version, profile });
};

export const jsonlLines = (result: Result, out: string): readonly string[] => {
  const { rows, exitCode, sentence } = summarise(result);
  const { tally, plan, description: { profile, eras } } = result;
  const lines: readonly object[] = [
    ...result.failures.map((failure) => {
      const { law, what, flaky, index, breach, trace, minimal, signature } = failure;
      const { event, tenant, expected, seen } = breach;
      const files = artifactsOf(failure, result.description.profile).map(({ name }) => `${out}/${name}`);
      return { type: 'violation', law, what, flaky, index, event, tenant, expected, seen, events: trace.events.length, minimal, signature, files };
    }),
    ...knownOf(result).map(({ id, title, problem, violations }) => ({ type: 'known', finding: id, title, shows: problem === undefined, problem, violations })),
    ...result.canaries.map(({ law, canary, searched, found, problem }) => ({
      type: 'canary', law, canary, searched, problem, found: found && { index: found.index, events: found.trace.events.length },
    })),
    ...rows.map(({ law, result: verdict, why, judged, premise }) => ({
      type: 'law', law, result: verdict, why, judged, premise, violations: countOf(tally.laws[law]?.violated ?? {}), known: tally.laws[law]?.known ?? 0, outside: sorted(tally.laws[law]?.outside ?? {}),
    })),
    {
      type: 'end',
      traces: tally.traces,
      excluded: sorted(tally.excluded),
      incomparable: sorted(tally.incomparable),
      unspecified: sorted(tally.unspecified),
      diverged: Object.fromEntries(divergencesUnder(profile).map((rule) => [rule, tally.rules[rule] ?? 0])),
      neverFired: rulesUnder(profile, eras).filter((rule) => tally.rules[rule] === undefined),
      digest: tally.digest,
      seed: plan.seed,
      terrain: plan.terrain,
      exitCode,
      sentence,
    },
  ];
  return lines.map((line) => JSON.stringify(line));
};

/** Keys in one order, however the counts came together. */
const sorted = (counts: Counts): Counts => Object.fromEntries(Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1)));
