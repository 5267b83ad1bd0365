/** Reducing: moves are valid and get smaller, and a loop over them ends in a small trace in normal form. */
import { expect, test } from 'vitest';
import { readQuote } from '../spec/quote.ts';
import { carried } from '../spec/trace/packet.ts';
import type { Trace } from '../spec/trace/trace.ts';
import { colouredPayload, coloursIn } from './colours.ts';
import { CAPABILITIES, subjectOf } from './fakes.ts';
import { traceFor } from './generate/index.ts';
import { laws } from './laws/index.ts';
import { normalForm, renamings } from './normal-form.ts';
import { moves } from './reduce.ts';
import { weight } from './weight.ts';
import { runFresh } from './run.ts';
import { errorAbout, fragmentsOf, from, icmp, scenario, tenantsInZones, udp, wait } from './words.ts';

/** Small ones, because every move of each is looked at. */
const generated = Array.from({ length: 20 }, (_, index) => traceFor(13, index, CAPABILITIES)).filter((trace) => JSON.stringify(trace).length < 20_000);

/** Why a trace could not be stored or played. */
const faultOf = ({ network, events }: Trace): string | undefined => {
  const devices = new Set(network.devices.map((device) => device.name));
  if (network.devices.length === 0 || devices.size < network.devices.length) return 'devices';
  if (network.devices.some((device) => !devices.has(device.exit) || device.exit === device.name)) return 'an exit';
  if (network.tenants.some((tenant) => tenant.devices.some((device) => !devices.has(device)))) return 'a tenant';
  const ids = new Set<number>();
  let last = -1;
  for (const event of events) {
    if (event.id <= last) return 'the order of ids';
    last = event.id;
    if (event.kind === 'receive' && !devices.has(event.device)) return 'a device';
    if (event.kind === 'answer' && !ids.has(event.to)) return 'an answer';
    if (event.kind === 'receive' && event.packet.kind === 'ipv4') {
      const { packet } = event;
      if (packet.offset % 8 > 0 || packet.offset < 0) return 'an offset';
      const fragment = packet.mf || packet.offset > 0;
      if (fragment !== (packet.payload.kind === 'opaque' && packet.payload.why === 'fragment') && packet.length === 'right') return 'a fragment';
      const { payload } = packet;
      if (payload.kind === 'udp' && payload.length !== 'right' && payload.length.claimed === 8 + payload.payload.length / 2) return 'a length';
    }
    ids.add(event.id);
  }
  return undefined;
};

test('each move is valid and lowers the weight', () => {
  const kinds = new Set<string>();
  for (const trace of generated) {
    expect(faultOf(trace)).toBeUndefined();
    const before = weight(trace);
    for (const smaller of moves(trace)) {
      if (weight(smaller) >= before || faultOf(smaller)) expect([faultOf(smaller), weight(smaller), before, smaller]).toBeUndefined();
      kinds.add(`${smaller.events.length === trace.events.length} ${smaller.network === trace.network}`);
    }
  }
  expect(kinds.size).toBe(4);
});

test('what moves lead to can be played', async () => {
  for (const trace of generated.slice(0, 5)) {
    for (const smaller of moves(trace)) expect((await runFresh(subjectOf(), smaller)).length).toBe(smaller.events.length);
  }
});

test('taking any move ends in nothing', () => {
  for (let trace = traceFor(11, 0, CAPABILITIES), steps = 0; ; steps += 1) {
    const next = moves(trace).next();
    if (next.done) {
      expect(trace.events).toEqual([]);
      expect(trace.network.tenants.length).toBe(1);
      return;
    }
    trace = next.value;
    expect(steps).toBeLessThan(1000);
  }
});

test('a canary is reduced to what it needs, in normal form', async () => {
  const solitude = laws.find((law) => law.id === 'solitude')!;
  const late = solitude.canaries.find((canary) => canary.id === 'after-defragmentation')!;
  const subject = subjectOf();
  const fails = async (trace: Trace) => solitude.boundary(trace) === true && (await late.check(subject, trace)).kind === 'violated';
  let best: Trace | undefined;
  for (let index = 0; index < 200 && !best; index += 1) {
    const trace = traceFor(11, index, CAPABILITIES);
    if (await fails(trace)) best = trace;
  }
  for (let smaller = best; smaller; ) {
    best = smaller;
    smaller = undefined;
    for (const candidate of moves(best)) {
      if (!(await fails(candidate))) continue;
      smaller = candidate;
      break;
    }
  }
  expect(best?.events.length).toBeLessThanOrEqual(4);
  expect(best).toEqual(normalForm(best!));
});

const packetsOf = (tenant: number) =>
  fragmentsOf(udp({ payload: colouredPayload(tenant, 77, 16), sourcePort: 9, destinationPort: 53 }, { source: '192.0.2.9', id: 500 }), 3);

test('names inside quotes follow those outside', () => {
  const other = { source: '192.0.2.1', destination: '192.0.2.9' };
  const sent = udp({ sourcePort: 53, destinationPort: 67 }, other);
  const ping = icmp({ identifier: 7 }, other);
  const trace = scenario({ shows: '', network: tenantsInZones(1), events: [...from('t1a', sent, ping), ...from('t1b', errorAbout(sent), errorAbout(ping))] });
  const normal = normalForm(trace);
  const [first, second, third, fourth] = normal.events.flatMap((event) => (event.kind === 'receive' && event.packet.kind === 'ipv4' ? event.packet : []));
  expect(first).toMatchObject({ source: '10.0.0.1', destination: '10.0.0.2', payload: { sourcePort: 1000, destinationPort: 2000 } });
  expect(second).toMatchObject({ payload: { identifier: 3000 } });
  expect([third, fourth].map((error) => error && readQuote(error, carried(error.payload)).tuple)).toMatchObject([
    { source: '10.0.0.1', destination: '10.0.0.2', sourcePort: 1000, destinationPort: 2000 },
    { source: '10.0.0.1', destination: '10.0.0.2', sourcePort: 3000, destinationPort: 8 * 256 },
  ]);
  expect(normalForm(normal)).toEqual(normal);
});

test('the normal form has the smallest names, and colours follow their tenants', () => {
  const network = tenantsInZones(257, 0, 4096);
  const numbers = [5, 9, 31];
  const trace = scenario({ shows: '', network: { ...network, tenants: network.tenants.map((tenant, index) => ({ ...tenant, number: numbers[index] ?? 0 })) }, events: [...from('t1a', packetsOf(5)), wait(1), ...from('t2b', packetsOf(9))] });
  const odd = { ...trace, events: trace.events.map((event) => ({ ...event, id: event.id * 3 })) };
  const normal = normalForm(odd);
  expect(normal.events.map((event) => event.id)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(normal.network.tenants.map((tenant) => tenant.number)).toEqual([1, 2, 3]);
  expect(normal.network.devices.map((device) => device.passes[0]?.zone?.id)).toEqual([1, 1, 0, 0, 2, 2]);
  expect(normal.events.at(-1)).toMatchObject({ device: 't2b', packet: { source: '10.0.0.1', destination: '10.0.0.2', id: 1 } });
  const last = normal.events.at(-1)!;
  const bytes = last.kind === 'receive' && last.packet.kind === 'ipv4' && last.packet.payload.kind === 'opaque' ? last.packet.payload.bytes : '';
  expect(coloursIn(bytes)).toEqual([{ tenant: 2, packet: 1, position: 1 }]);
  expect(normal.events[0]).toMatchObject({ packet: { payload: { bytes: '03e807d000180000' } } });
  for (const rename of renamings) expect(rename(normal)).toEqual(normal);
});
