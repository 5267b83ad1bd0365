/**
 * The kernel does what the model says, on traffic that nobody chose.
 */
import { expect, test } from 'vitest';
import { traceFor } from '../../properties/generate/index.ts';
import { refinement } from '../../properties/laws/refinement.ts';
import { from, scenario, tenantsInZones, udp6 } from '../../properties/words.ts';
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

/** A whole datagram with a fragment header behind so many bytes of headers, of which the last has 8. */
const farBehind = (bytes: number) =>
  scenario({
    shows: 'A fragment header far behind.',
    network: tenantsInZones(1),
    events: from('t1a', udp6({ payload: '00'.repeat(8) }, { extensions: [options(bytes - 8), options(8), { kind: 'fragment', id: 1, offset: 0, mf: false, reserved: 0 }] })),
  });
const options = (bytes: number) => ({ kind: 'destination-options', data: `01${(bytes - 4).toString(16).padStart(2, '0')}`.padEnd((bytes - 2) * 2, '0') }) as const;

test('what is declared to be the kernel\'s own mistake with far fragment headers is one still, and no more than that', async ({ skip }) => {
  const linux = kernelOr(skip);
  const compared = { ...linux, capabilities: { ...linux.capabilities, incomparable: () => undefined } };
  for (const [bytes, verdict] of [[208, 'held'], [216, 'held'], [224, 'violated'], [232, 'violated'], [256, 'violated']] as const) {
    const trace = farBehind(bytes);
    expect([bytes, (await refinement.check(compared, trace)).kind]).toEqual([bytes, verdict]);
    expect([bytes, linux.capabilities.incomparable(trace) === undefined]).toEqual([bytes, verdict === 'held']);
  }
});
