/**
 * The kernel does what the model says, on traffic that nobody chose.
 */
import { expect, test } from 'vitest';
import { traceFor } from '../../properties/generate/index.ts';
import { refinement } from '../../properties/laws/refinement.ts';
import { kernelOr } from './kernel.ts';

test('300 random traces on the kernel refine the model', async ({ skip }) => {
  const linux = kernelOr(skip);
  const verdicts = { held: 0, 'premise not met': 0, violated: 0 };
  const breaches: unknown[] = [];
  for (let index = 0; index < 300; index += 1) {
    const trace = traceFor(20_100_114, index, linux.capabilities);
    if (linux.capabilities.excludes(trace) !== undefined) continue;
    const verdict = await refinement.check(linux, trace);
    verdicts[verdict.kind] += 1;
    if (verdict.kind === 'violated') breaches.push([index, verdict.breach]);
  }
  expect(breaches).toEqual([]);
  expect(verdicts.held).toBeGreaterThan(200);
});
