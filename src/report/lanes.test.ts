/** Lanes stand beside each other while they fit, and time is virtual. */
import { expect, test } from 'vitest';
import type { Event, Trace } from '../../spec/index.ts';
import { devicesOf, fragmentsOf, from, interleave, scenario, tenantsInZones, udp } from '../../properties/words.ts';
import { lanes } from './lanes.ts';

const fragments = fragmentsOf(udp({ payload: '00'.repeat(16) }), 2);
const two: Trace = scenario({
  shows: 'Fragments take turns.',
  network: tenantsInZones(1, 2),
  events: interleave(from(devicesOf(1)[0], fragments), from(devicesOf(2)[0], fragments)),
});

test('each tenant has its lane, and the marked event an arrow', () => {
  const marked = two.events[1]?.id ?? -1;
  const [title, ...lines] = lanes(two, { width: 100, marked });
  expect(title).toMatch(/^ +event +ms {2}tenant 1: zone 1 +tenant 2: zone 2$/);
  expect(lines).toHaveLength(4);
  const columns = lines.map((line) => line.slice(16).search(/\S/));
  expect(columns).toEqual([0, 42, 0, 42]);
  expect(lines.map((line) => line[0])).toEqual([' ', '>', ' ', ' ']);
  expect(lines[0]).toMatch(/ 10\.0\.0\.\d+ > 10\.0\.0\.\d+ id \d+ bytes 0-\d+\+$/);
});

test('time is what was advanced before and at an event', () => {
  const [first, second] = two.events;
  if (!first || !second) throw new Error('the trace has events');
  const events: readonly Event[] = [first, { kind: 'advance', id: 50, milliseconds: 1500 }, { ...second, id: 51 }];
  const times = lanes({ ...two, events }, { width: 100 }).slice(1).map((line) => Number(line.slice(6, 14)));
  expect(times).toEqual([0, 1500, 1500]);
});

test('more tenants than fit side by side share one lane and are named', () => {
  const numbers = [1, 2, 3, 4, 5];
  const network = {
    ...two.network,
    devices: numbers.flatMap((n) => [{ name: `${n}a`, passes: [{ assigned: 'before-defragmentation' as const }], exit: `${n}b` }, { name: `${n}b`, passes: [{ assigned: 'before-defragmentation' as const }], exit: `${n}a` }]),
    tenants: numbers.map((number) => ({ number, devices: [`${number}a`, `${number}b`] })),
  };
  const events = numbers.map((id): Event => ({ kind: 'receive', id, device: `${id}a`, packet: udp({}) }));
  const lines = lanes({ version: 1, network, events }, { width: 100 });
  expect(lines[0]).toContain('all tenants');
  for (const number of numbers) expect(lines[number]).toContain(`tenant ${number}: ${number}a <`);
});

test('no line is longer than asked for', () => {
  const below = ['a sentence that is much longer than a narrow lane can hold on a single line', 'x'.repeat(90)];
  for (const line of lanes(two, { width: 60, below: () => below })) expect(line.length).toBeLessThanOrEqual(60);
});
