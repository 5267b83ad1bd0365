/**
 * The scenarios on the kernel that this runs on: it does what the model says, set to the kernel's profile.
 * Where the kernel cannot be driven, the tests are skipped and say why.
 */
import { expect, test } from 'vitest';
import { scenarios } from '../../golden/scenarios/index.ts';
import stream from '../../golden/scenarios/stream-after-two-seconds.ts';
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

test('only the scenarios about the kernel\'s own clock depend on the profile', ({ skip }) => {
  const linux = kernelOr(skip);
  const depending = Object.entries(scenarios).filter(
    ([, trace]) => firstDifference(accountOf(trace, REFERENCE), accountOf(trace, linux.capabilities.profile)) !== undefined,
  );
  expect(depending.map(([name]) => name)).toEqual(['stream-after-two-seconds', 'created-by-control', 'tcp-ends-that-do-not-fit']);
});

test('and there the kernel still differs from the reference', async ({ skip }) => {
  const seen = await run(kernelOr(skip), stream);
  expect(firstDifference(accountOf(stream, REFERENCE, seen), seen)).toMatchObject({ what: 'state' });
});
