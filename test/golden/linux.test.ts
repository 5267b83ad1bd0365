/**
 * The scenarios on the kernel that this runs on: it does what the model says, set to the kernel's profile.
 * Where the kernel cannot be driven, the tests are skipped and say why.
 */
import { expect, test } from 'vitest';
import { divergences } from '../../golden/divergences.ts';
import { scenarios } from '../../golden/scenarios/index.ts';
import { accountOf } from '../../properties/account.ts';
import { eraOf } from '../../spec/era.ts';
import { firstDifference, REFERENCE } from '../../spec/index.ts';
import { divergencesUnder } from '../../spec/rules.ts';
import { replay } from '../../src/golden/index.ts';
import { kernelOr } from '../linux/kernel.ts';

/** What a kernel cannot be asked (spec/counting.md). */
const NOT_ASKED: ReadonlySet<string> = new Set(['zone-is-full', 'full-table', 'full-of-assured', 'fragment-memory']);

test.for(Object.entries(scenarios))('%s', async ([name, trace], { skip }) => {
  const linux = kernelOr(skip);
  const { eras, excludes, incomparable } = linux.capabilities;
  if (!eras.includes(eraOf(trace.network))) skip(`not checked: a kernel of today is not of the era ${eraOf(trace.network)}`);
  const why = excludes(trace) ?? incomparable(trace);
  if (NOT_ASKED.has(name) && why !== undefined) skip(`not checked: ${why}`);
  expect([excludes(trace), incomparable(trace)]).toEqual([undefined, undefined]);
  expect(await replay(linux, trace)).toBeUndefined();
});

test('only the traces of divergences depend on the profile, and one in which two seconds pass', ({ skip }) => {
  const linux = kernelOr(skip);
  const depending = Object.values(scenarios).filter(
    (trace) => firstDifference(accountOf(trace, REFERENCE), accountOf(trace, linux.capabilities.profile)) !== undefined,
  );
  const declared = divergencesUnder(linux.capabilities.profile).flatMap((rule) => divergences[rule]?.trace ?? []);
  expect(new Set(depending)).toEqual(new Set([...declared, scenarios['created-by-control']]));
});
