/**
 * Every law on every subject: held where its premise is met, and each canary found. `zoneproof verify` does the same with
 * more traces; here a change is caught by `npm test`.
 */
import { expect, test } from 'vitest';
import { traceFor } from '../../properties/generate/index.ts';
import type { Law } from '../../properties/law.ts';
import { laws } from '../../properties/laws/index.ts';
import type { Capabilities, Subject } from '../../properties/subject.ts';
import { engineSubject } from '../../src/subjects/engine.ts';
import { modelSubject } from '../../src/subjects/model.ts';
import { kernelOr } from '../linux/kernel.ts';

const TRACES = 150;
/** More than it takes to find any canary. */
const CANARY_TRACES = 600;

/** Some laws speak of few networks only. */
const DRAWN_FOR_ONE = 25;

/** Of what is rarely drawn, because it takes its time on a kernel, there are few traces. */
const LIMITED_TRACES = 10;

const countOf = (law: Law): number => (law.needs.includes('limits') ? LIMITED_TRACES : TRACES);

/** What a law is about is drawn more often. */
const drawnFor = (law: Law, { capabilities }: Subject): Capabilities =>
  law.needs.includes('limits') ? { ...capabilities, limits: Object.fromEntries(Object.keys(capabilities.limits).map((kind) => [kind, 400])) } : capabilities;

/** So many traces inside a law's boundary. */
const tracesWithin = function* (law: Law, subject: Subject, count: number) {
  const capabilities = drawnFor(law, subject);
  let within = 0;
  for (let index = 0; within < count && index < count * DRAWN_FOR_ONE; index += 1) {
    const trace = traceFor(5, index, capabilities);
    if (subject.capabilities.excludes(trace) !== undefined || law.boundary(trace) !== true) continue;
    within += 1;
    yield trace;
  }
};

const put = async (law: Law, subject: Subject): Promise<void> => {
  let met = 0;
  for (const trace of tracesWithin(law, subject, countOf(law))) {
    const verdict = await law.check(subject, trace);
    expect(verdict.kind === 'violated' ? verdict.breach : undefined).toBeUndefined();
    if (verdict.kind === 'held') met += 1;
  }
  expect(met).toBeGreaterThan(countOf(law) / 100);
  for (const canary of law.canaries.filter(({ fits }) => fits(subject.capabilities))) expect(await finds(law, canary, subject)).toBe(true);
};

const finds = async (law: Law, { check }: Law['canaries'][number], subject: Subject): Promise<boolean> => {
  for (const trace of tracesWithin(law, subject, CANARY_TRACES)) {
    if ((await check(subject, trace)).kind === 'violated') return true;
  }
  return false;
};

test.for(laws)('model: $id', (law) => put(law, modelSubject()));
test.for(laws)('engine: $id', (law) => put(law, engineSubject()));
test.for(laws)('linux: $id', (law, { skip }) => put(law, kernelOr(skip)));
