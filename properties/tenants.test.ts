/** Tenants: whose events are whose, what a tenant sees, and what each boundary says. */
import { expect, test } from 'vitest';
import type { Device, Network, Translation } from '../spec/trace/network.ts';
import type { Outcome } from '../spec/trace/outcome.ts';
import {
  activeTenants,
  all,
  assignedBeforeDefragmentation,
  eachTenantHasItsOwnZone,
  eventsOf,
  noFragmentDistance,
  noPathJoinsTenants,
  noBudgetRunsOut,
  noZoneChoosesAnAddress,
  onlyOf,
  outcomeOf,
  seenBy,
  tenantOf,
  tenantOfDevice,
  tenantsAreApart,
  tenantsOf,
} from './tenants.ts';
import { CAPABILITIES } from './fakes.ts';
import { answersTo, from, scenario, tenantsInZones, toAddress, translating, udp, wait } from './words.ts';

const first = from('t1a', udp());
const second = from('t2a', udp());
const trace = scenario({
  shows: 'two tenants and an answer to an answer',
  network: tenantsInZones(1, 2, 3),
  events: [...first, wait(1), ...second, ...answersTo(second), wait(2)],
});

test('events belong to the tenant of their device, answers to that of what they answer, time to nobody', () => {
  expect(trace.events.map((event) => tenantOf(trace, event.id))).toEqual([1, undefined, 2, 2, undefined]);
  expect(tenantsOf(trace)).toEqual([1, 2, 3]);
  expect(activeTenants(trace)).toEqual([1, 2]);
  expect(eventsOf(2, trace).map((event) => event.id)).toEqual([3, 4]);
  expect(tenantOfDevice(trace.network, 't3b')).toBe(3);
  expect(tenantOfDevice(trace.network, 'eth0')).toBeUndefined();
});

test('alone, a tenant keeps its own and global events, and the same call gives the same object', () => {
  expect(onlyOf(2, trace).events.map((event) => event.id)).toEqual([2, 3, 4, 5]);
  expect(onlyOf(2, trace)).toBe(onlyOf(2, trace));
  expect(onlyOf(2, trace).network).toBe(trace.network);
  expect(onlyOf(2, onlyOf(2, trace))).toBe(onlyOf(2, trace));
});

test("a tenant sees its own outcomes, and what left on its devices at others' events", () => {
  const left = [{ device: 't2b', pieces: [udp()] }];
  const outcomes: readonly Outcome[] = trace.events.map(({ id }) => ({ event: id, passes: [{ state: 'invalid' }], left }));
  const seen = seenBy(2, trace, outcomes);
  expect(seen.map((outcome) => outcome.event)).toEqual([1, 2, 3, 4, 5]);
  expect(seen[0]).toEqual({ event: 1, passes: [], left });
  expect(seen[2]).toBe(outcomes[2]);
  expect(seenBy(1, trace, outcomes)[2]).toEqual({ event: 3, passes: [], left: [] });
  expect(outcomeOf([], 7)).toEqual({ event: 7, passes: [], left: [] });
});

test('each boundary gives its reason', () => {
  const within = (change: Partial<Network>) => ({ ...trace, network: { ...trace.network, ...change } });
  const devices = trace.network.devices;
  const altered = (other: Partial<Device>) => within({ devices: devices.map((device, index) => (index === 0 ? { ...device, ...other } : device)) });
  const pass = { zone: { id: 1, counts: 'both' }, assigned: 'before-defragmentation' } as const;

  expect(tenantsAreApart(trace)).toBe(true);
  expect(eachTenantHasItsOwnZone({ ...trace, network: tenantsInZones(1, 1) })).toMatch(/two tenants have one zone/);
  expect(eachTenantHasItsOwnZone({ ...trace, network: tenantsInZones(0, undefined) })).toMatch(/two tenants have one zone/);
  expect(eachTenantHasItsOwnZone(altered({ passes: [{ ...pass, zone: { id: 9, counts: 'both' } }] }))).toMatch(/tenant 1 has two zones/);
  expect(eachTenantHasItsOwnZone(altered({ passes: [{ ...pass, zone: { id: 1, counts: 'original' } }] }))).toMatch(/one direction/);
  expect(eachTenantHasItsOwnZone(altered({ name: 'eth0' }))).toMatch(/eth0 belongs to no tenant/);
  expect(noPathJoinsTenants(altered({ exit: 't2a' }))).toMatch(/t1a leads to another tenant's t2a/);
  expect(assignedBeforeDefragmentation(altered({ passes: [{ ...pass, assigned: 'after-defragmentation' }] }))).toMatch(/after defragmentation/);
  expect(assignedBeforeDefragmentation(altered({ passes: [{ assigned: 'after-defragmentation' }] }))).toBe(true);
  expect(noFragmentDistance(within({ fragments: { distance: 64, memoryBytes: 0 } }))).toMatch(/counted over all zones/);
  expect(noBudgetRunsOut(within({ fragments: { distance: 0, memoryBytes: 1 } }))).toMatch(/budget for fragments/);
  expect(noBudgetRunsOut(within({ extensions: 0 }))).toMatch(/budget for extensions/);
  expect(noBudgetRunsOut(within({ limits: { connections: 1 } }))).toMatch(/share one table/);
  expect(noBudgetRunsOut(within({ limits: { counters: [{ devices: ['t1a'], most: 1, counts: 'all-zones' }] } }))).toMatch(/counts the connections of all zones/);
  expect(noBudgetRunsOut(within({ limits: { connections: 5, zones: [{ connections: 1 }], counters: [{ devices: ['t1a'], most: 0, counts: 'each-zone' }] } }))).toBe(true);
  expect(all(() => true, () => 'first', () => 'second')(trace)).toBe('first');
});

const translated = (source: Translation) => ({ ...trace, network: translating(trace.network, { t1b: { nat: { source } } }) });

test('where one of several addresses is taken by the zone, ids are no mere names; where it is not, they are', () => {
  const to = { from: '192.0.2.1', to: '192.0.2.4' };
  const byZone = { ...CAPABILITIES, addressByZone: true };
  expect(noZoneChoosesAnAddress(translated({ to }), byZone)).toMatch(/depends on the zone/);
  expect(noZoneChoosesAnAddress(translated({ to }))).toMatch(/depends on the zone/);
  expect(noZoneChoosesAnAddress(translated({ to }), CAPABILITIES)).toBe(true);
  expect(noZoneChoosesAnAddress(translated(toAddress('192.0.2.1')), byZone)).toBe(true);
});
