/** Workloads are what their names say: otherwise trackers could agree on refusing everything, quickly. */
import { expect, test } from 'vitest';
import { engineTracker } from './tracker.ts';
import { BATCH, emptyArrival, GROUPS, type Workload, WORKLOADS } from './workload.ts';

/** What the engine says of the first measured packets, by kind, and the connections and zones that they are of. */
const heard = ({ network, connections, preparation, prepare, fill, passesMs }: Workload) => {
  const tracker = engineTracker(network, connections);
  const arrival = emptyArrival();
  const say = (make: Workload['fill'], number: number): string => {
    make(number, arrival);
    tracker.receive(arrival.device, arrival.bytes);
    return tracker.said();
  };
  for (let number = 0; number < preparation; number += 1) say(prepare, number);
  tracker.advance(passesMs(0));
  const kinds: Record<string, number> = {};
  const names = { zone: new Set<string>(), connection: new Set<string>() };
  for (let number = 0; number < BATCH; number += 1) {
    const said = say(fill, number);
    const [kind = '', zone, connection] = /^(\w+(?: \w+)?) zone (\d+) connection (\d+) by /.exec(said)?.slice(1) ?? [said];
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    if (zone !== undefined) names.zone.add(zone);
    if (connection !== undefined) names.connection.add(connection);
  }
  return { kinds, zones: names.zone.size, connections: names.connection.size };
};

const half = BATCH / 2;
/** All but the million, which takes long. */
const small = GROUPS.flatMap((group) => WORKLOADS[group].slice(0, 3).map((build) => build()));
const found = new Map(small.map((workload) => [workload.name, heard(workload)]));

test.each([64, 1000, 65_536])('established: %d connections, both directions', (connections) => {
  const { kinds, ...names } = found.get(`established, ${connections} connections`) ?? {};
  expect(kinds).toEqual({ 'established original': half, 'established reply': half });
  expect(names).toEqual({ zones: 1, connections: connections <= 1000 ? expect.closeTo(connections, -2) : expect.any(Number) });
});

test('new: each packet begins a connection', () => {
  expect(found.get('new, 65536 connections, and their end')).toEqual({ kinds: { 'new original': BATCH }, zones: 1, connections: BATCH });
});

test('zones: one connection in each', () => {
  const both = { 'established original': half, 'established reply': half };
  expect(found.get('one tuple in 1 zone')).toEqual({ kinds: both, zones: 1, connections: 1 });
  const { kinds, zones, connections } = found.get('one tuple in 65536 zones') ?? {};
  expect(kinds).toEqual(both);
  expect(zones).toBe(connections);
  expect(zones).toBeGreaterThan(3900);
});

test.each([2, 44])('reassembly: %d pieces make a datagram', (pieces) => {
  const { kinds } = found.get(`reassembly, ${pieces} pieces of 1480 bytes`) ?? {};
  const whole = kinds?.['new original'] ?? 0;
  expect(kinds).toEqual({ 'new original': whole, unseen: BATCH - whole });
  expect(Math.abs(whole - BATCH / pieces)).toBeLessThanOrEqual(16);
});
