/**
 * The three representations of zones are the same to every observer, on traces drawn for the model.
 */
import { expect, test } from 'vitest';
import { traceFor } from '../../properties/generate/index.ts';
import { all, assignedBeforeDefragmentation, leadsThroughPairs, noBudgetRunsOut, noFragmentDistance, zonesCountInBothDirections } from '../../properties/tenants.ts';
import { eraOf, TODAY } from '../../spec/era.ts';
import { firstDifference, REFERENCE } from '../../spec/index.ts';
import { oneTablePerZone, type Representation, zoneAsExtension, zoneInTheTuple } from '../../spec/representation.ts';
import type { Playable } from '../../spec/trace/event.ts';
import { resolved } from '../../spec/trace/reaction.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { accountOf } from '../../properties/account.ts';
import { modelSubject } from '../../src/subjects/model.ts';

/** Commands are those of today. */
const ofToday = ({ network }: Trace) => eraOf(network) === TODAY || 'another era';

const isTrackedOnce = ({ network }: Trace) => !leadsThroughPairs(network) || 'packets are tracked more than once, in several zones';

const boundary = all(ofToday, isTrackedOnce, zonesCountInBothDirections, assignedBeforeDefragmentation, noFragmentDistance, noBudgetRunsOut);

/** Reactions made into packets, from what the model lets leave. */
const playables = (trace: Trace): readonly Playable[] => {
  const account = new Map(accountOf(trace, REFERENCE).map((outcome) => [outcome.event, outcome]));
  return trace.events.flatMap((event) => resolved(event, account) ?? []);
};

const differences = (other: Representation): { compared: number; tracked: number; differing: readonly number[] } => {
  const { capabilities } = modelSubject();
  let [compared, tracked] = [0, 0];
  const differing: number[] = [];
  for (let index = 0; index < 1500; index += 1) {
    const trace = traceFor(11, index, capabilities);
    if (boundary(trace) !== true) continue;
    compared += 1;
    const events = playables(trace);
    const expected = zoneAsExtension(trace.network, REFERENCE, events);
    tracked += expected.filter(({ passes }) => passes.some(({ state }) => state === 'established')).length;
    if (firstDifference(expected, other(trace.network, REFERENCE, events))) differing.push(index);
  }
  return { compared, tracked, differing };
};

test.each([
  ['zone in the tuple', zoneInTheTuple],
  ['one table per zone', oneTablePerZone],
] as const)('%s is the zone extension', (_, representation) => {
  const { compared, tracked, differing } = differences(representation);
  expect(compared).toBeGreaterThan(1000);
  expect(tracked).toBeGreaterThan(1000);
  expect(differing).toEqual([]);
});

test('a representation that forgets the zone is told apart', () => {
  const { differing } = differences((network, profile, events) =>
    zoneAsExtension({ ...network, devices: network.devices.map((device) => ({ ...device, passes: [{ assigned: 'before-defragmentation' }] })) }, profile, events),
  );
  expect(differing.length).toBeGreaterThan(100);
});
