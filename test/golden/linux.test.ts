/**
 * The scenarios on the kernel that this runs on: it does what the model says, set to the kernel's profile.
 * Where the kernel cannot be driven, the tests are skipped and say why.
 */
import { expect, test } from 'vitest';
import { scenarios } from '../../golden/scenarios/index.ts';
import { accountOf } from '../../properties/account.ts';
import { run } from '../../properties/run.ts';
import { firstDifference, REFERENCE } from '../../spec/index.ts';
import { replay } from '../../src/golden/index.ts';
import { kernelOr } from '../linux/kernel.ts';

test.for(Object.entries(scenarios))('%s', async ([, trace], { skip }) => {
  const linux = kernelOr(skip);
  const { excludes, incomparable } = linux.capabilities;
  expect([excludes(trace), incomparable(trace)]).toEqual([undefined, undefined]);
  expect(await replay(linux, trace)).toBeUndefined();
});

/** Each shows a declared divergence. */
const DEPENDING = ['stream-after-two-seconds', 'udp-lite-coverage'];

test('only scenarios about a divergence depend on the profile', ({ skip }) => {
  const linux = kernelOr(skip);
  const depending = Object.entries(scenarios).filter(
    ([, trace]) => firstDifference(accountOf(trace, REFERENCE), accountOf(trace, linux.capabilities.profile)) !== undefined,
  );
  expect(depending.map(([name]) => name)).toEqual(DEPENDING);
});

test.for(DEPENDING)('and in %s the kernel still differs from the reference', async (name, { skip }) => {
  const trace = scenarios[name]!;
  const seen = await run(kernelOr(skip), trace);
  expect(firstDifference(accountOf(trace, REFERENCE, seen), seen)).toMatchObject({ what: 'state' });
});
