/**
 * Every declared divergence still is one, and the kernel follows its own side of it.
 */
import { expect, test } from 'vitest';
import { divergences } from '../../golden/divergences.ts';
import { accountOf } from '../../properties/account.ts';
import { refinement } from '../../properties/laws/refinement.ts';
import type { Subject } from '../../properties/subject.ts';
import { type Profile, REFERENCE } from '../../spec/profile.ts';
import { ruleIds, rulesUnder } from '../../spec/rules.ts';
import { modelSubject } from '../../src/subjects/model.ts';
import { kernelOr } from '../linux/kernel.ts';
import { ovsOr } from '../ovs/ovs.ts';

const own = new Set(rulesUnder(REFERENCE));
const judgedBy = (subject: Subject, profile: Profile): Subject => ({ ...subject, capabilities: { ...subject.capabilities, profile } });

test('each divergence has a trace, and nothing else has', () => {
  expect(new Set(Object.keys(divergences))).toEqual(new Set(ruleIds.filter((rule) => !own.has(rule))));
});

test.each(Object.entries(divergences))('%s parts from the model itself, and from nothing under its profile', async (rule, { under, trace }) => {
  const profile = { ...REFERENCE, ...under };
  expect(accountOf(trace, profile).flatMap(({ rules }) => rules)).toContain(rule);
  expect((await refinement.check(judgedBy(modelSubject(), profile), trace)).kind).toBe('violated');
  expect((await refinement.check(modelSubject(), trace)).kind).toBe('held');
});

test.for([
  { name: 'the kernel', subjectOr: kernelOr },
  { name: 'Open vSwitch', subjectOr: ovsOr },
])('$name follows each that it declares', async ({ subjectOr }, { skip }) => {
  const subject = subjectOr(skip);
  const itsOwn = new Set(rulesUnder(subject.capabilities.profile));
  for (const [rule, { trace }] of Object.entries(divergences)) {
    if (!ruleIds.some((id) => id === rule && itsOwn.has(id))) continue;
    expect((await refinement.check(subject, structuredClone(trace))).kind, rule).toBe('held');
    expect((await refinement.check(judgedBy(subject, REFERENCE), structuredClone(trace))).kind, rule).toBe('violated');
  }
});
