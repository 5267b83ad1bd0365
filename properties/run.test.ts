/** Running: batches, answers, and what happens when a subject does not play along. */
import { expect, test } from 'vitest';
import type { Playable } from '../spec/trace/event.ts';
import { Crash, run, runFresh } from './run.ts';
import { subjectOf } from './fakes.ts';
import type { Subject } from './subject.ts';
import { answersTo, from, scenario, tenantsInZones, udp, wait } from './words.ts';

const sent = from('t1a', udp());
const dead = from('t1a', udp({}, { ttl: 1 }));
const other = from('t1a', udp({ sourcePort: 5 }));
const answers = answersTo(sent);
const trace = scenario({
  shows: 'answers wait for what they answer',
  network: tenantsInZones(1),
  events: [...sent, ...dead, ...answers, ...other, ...answersTo([...dead, ...answers]), wait(1)],
});

/** The model, with a record of what it was fed. */
const recorded = (): { subject: Subject; batches: (readonly Playable[])[]; closed: () => number } => {
  const batches: (readonly Playable[])[] = [];
  let closed = 0;
  const model = subjectOf();
  const open: Subject['open'] = async (network) => {
    const session = await model.open(network);
    return {
      feed: (events) => {
        batches.push(events);
        return session.feed(events);
      },
      close: () => {
        closed += 1;
      },
    };
  };
  return { subject: { ...model, open }, batches, closed: () => closed };
};

test('the longest batch whose packets are known is fed, and there is one outcome an event', async () => {
  const { subject, batches, closed } = recorded();
  const outcomes = await run(subject, trace);
  expect(batches.map((batch) => batch.map((event) => event.id))).toEqual([[1, 2], [3, 4], [6, 7]]);
  expect(outcomes.map((outcome) => outcome.event)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(outcomes.map((outcome) => outcome.skipped ?? false)).toEqual([false, false, false, false, true, false, false]);
  expect(outcomes[2]?.passes).toMatchObject([{ state: 'established', direction: 'reply' }]);
  expect(outcomes[5]?.passes).toMatchObject([{ state: 'established', direction: 'original' }]);
  expect(closed()).toBe(1);
});

test('a trace object is played once, unless it is asked for anew', async () => {
  const { subject, batches } = recorded();
  const outcomes = await run(subject, trace);
  expect(await run(subject, trace)).toBe(outcomes);
  expect(batches.length).toBe(3);
  expect(await runFresh(subject, trace)).toEqual(outcomes);
  expect(batches.length).toBe(6);
  await runFresh(subject, trace, 1);
  expect(batches.slice(6).every((batch) => batch.length === 1)).toBe(true);
});

test('a subject that throws or loses an outcome has crashed, and its session is closed', async () => {
  const { subject, closed } = recorded();
  const broken = (feed: (events: readonly Playable[]) => never[]): Subject => ({
    ...subject,
    open: async (network) => ({ ...(await subject.open(network)), feed }),
  });
  const throwing = broken(() => {
    throw new Error('no');
  });
  await expect(run(throwing, trace)).rejects.toThrow(new Crash(1, 'no'));
  await expect(run(broken(() => []), trace)).rejects.toThrow('0 outcomes for 2 events, or in another order');
  expect(closed()).toBe(2);
});
