/** Words: what scenarios say is what the model understands. */
import { expect, test } from 'vitest';
import { colouredPayload } from './colours.ts';
import { run } from './run.ts';
import { answersTo, assignedLate, errorAbout, errorsTo, fragmentsOf, from, interleave, scenario, tenantsInZones, udp, wait } from './words.ts';
import { subjectOf } from './fakes.ts';

const datagram = udp({ payload: colouredPayload(1, 1, 40) });

test('events number themselves, and answers find what they answer', () => {
  const sent = from('t1a', datagram);
  const trace = scenario({ shows: 'an answer', network: tenantsInZones(1), events: [wait(1), ...sent, ...answersTo(sent)] });
  expect(trace.events.map((event) => event.id)).toEqual([1, 2, 3]);
  expect(trace.events[0]).toEqual({ kind: 'advance', id: 1, milliseconds: 1000 });
  expect(trace.events[2]).toEqual({ kind: 'answer', id: 3, to: 2 });
  expect(() => scenario({ shows: '', network: tenantsInZones(1), events: answersTo(sent) })).toThrow(/not before it/);
});

test('an error that is made by hand is the one that an event makes', async () => {
  const sent = from('t1a', datagram);
  const left = { ...datagram, ttl: datagram.ttl - 1 };
  const events = [...sent, ...errorsTo(sent), ...from('t1b', errorAbout(left, { source: left.destination, id: 0 }))];
  const [, made, written] = await run(subjectOf(), scenario({ shows: '', network: tenantsInZones(1), events }));
  expect(made).toMatchObject({ passes: [{ state: 'related', direction: 'reply', connection: 1 }] });
  expect(made?.left).toEqual(written?.left);
});

test('pieces are contiguous, and the model puts them together', async () => {
  for (const count of [2, 3, 6]) {
    const pieces = fragmentsOf(datagram, count);
    expect(pieces.length).toBe(count);
    const trace = scenario({ shows: '', network: tenantsInZones(1), events: from('t1a', pieces) });
    const outcomes = await run(subjectOf(), trace);
    expect(outcomes.map((outcome) => outcome.left.length)).toEqual([...Array(count - 1).fill(0), 1]);
    expect(outcomes.at(-1)?.passes).toMatchObject([{ state: 'new' }]);
  }
  expect(() => fragmentsOf(datagram, 7)).toThrow(/do not make 7 pieces/);
});

test('zones that are assigned late are the same zones', () => {
  const [early, late] = [tenantsInZones(1, 2), assignedLate(tenantsInZones(1, 2))];
  const zones = (network: typeof early) => network.devices.map((device) => device.passes[0]?.zone?.id);
  expect(zones(late)).toEqual(zones(early));
  expect(late.devices.every((device) => device.passes[0]?.assigned === 'after-defragmentation')).toBe(true);
});

test('lists take turns', () => {
  expect(interleave([1, 3, 5], [2], [])).toEqual([1, 2, 3, 5]);
});

test('a scenario plays', async () => {
  const trace = scenario({ shows: '', network: tenantsInZones(7), events: from('t1a', datagram) });
  expect(await run(subjectOf(), trace)).toMatchObject([{ event: 1, passes: [{ zone: 7 }], left: [{ device: 't1b' }] }]);
});
