/**
 * Every law on Open vSwitch: its canaries are found, and random traffic over which nothing stands still is judged as the
 * model judges it.
 *
 * Time is left out where no model is asked: what released versions do with fragments that waited too long crosses zones, which
 * is a finding and not this suite's to fail on. `zoneproof verify --subject ovs` has all of it.
 */
import { expect, test } from 'vitest';
import { traceFor } from '../../properties/generate/index.ts';
import type { Law } from '../../properties/law.ts';
import { laws } from '../../properties/laws/index.ts';
import { refinement } from '../../properties/laws/refinement.ts';
import type { Subject } from '../../properties/subject.ts';
import { unmetNeed } from '../../src/gate/kit.ts';
import { ovsOr } from './ovs.ts';

const CANARY_TRACES = 400;

const tracesWithin = function* (law: Law, { capabilities }: Subject, count: number) {
  for (let index = 0; index < count; index += 1) {
    const trace = traceFor(5, index, capabilities);
    // Commands of some kinds end the daemon, which is a finding too. What needs time or commands gets them.
    const isCalm = law.needs.some((need) => need === 'clock' || need === 'control' || need === 'dump') || trace.events.every(({ kind }) => kind !== 'control' && (kind !== 'advance' || law === refinement));
    if (isCalm && capabilities.excludes(trace) === undefined && law.boundary(trace, capabilities) === true) yield trace;
  }
};

const finds = async (law: Law, { check }: Law['canaries'][number], subject: Subject): Promise<boolean> => {
  for (const trace of tracesWithin(law, subject, CANARY_TRACES)) {
    const verdict = await Promise.resolve(check(subject, trace)).catch(() => undefined);
    if (verdict?.kind === 'violated') return true;
  }
  return false;
};

test.for(laws)('Open vSwitch: the canaries of $id are found', async (law, { skip }) => {
  const ovs = ovsOr(skip);
  const unmet = unmetNeed(law, ovs.capabilities);
  if (unmet !== undefined) skip(`not checked: ${unmet}`);
  const canaries = law.canaries.filter(({ fits }) => fits(ovs.capabilities));
  expect(canaries).not.toEqual([]);
  for (const canary of canaries) expect(await finds(law, canary, ovs), canary.id).toBe(true);
});

test('random traces on Open vSwitch refine the model, whatever time passes', async ({ skip }) => {
  const ovs = ovsOr(skip);
  const breaches: unknown[] = [];
  let held = 0;
  for (const trace of tracesWithin(refinement, ovs, 250)) {
    const verdict = await refinement.check(ovs, trace);
    if (verdict.kind === 'violated') breaches.push(verdict.breach);
    else held += 1;
  }
  expect(breaches).toEqual([]);
  expect(held).toBeGreaterThan(100);
});
