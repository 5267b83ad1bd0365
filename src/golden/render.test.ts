/** Rendering: equal traces are equal bytes, and the packets tell what the model says. */
import { INBOUND, OUTBOUND, readCapture } from 'pcap-writer';
import { expect, test } from 'vitest';
import { scenarios } from '../../golden/scenarios/index.ts';
import { answersTo, fragmentsOf, from, scenario, tenantsInZones, udp, wait } from '../../properties/words.ts';
import { parseTrace } from '../gate/trace-file.ts';
import { renderTrace } from './render.ts';

const MILLISECOND = 1_000_000n;
const sent = from('t1a', udp());
const trace = scenario({
  shows: 'x',
  network: tenantsInZones(5, undefined),
  events: [...sent, wait(40), ...answersTo(sent), ...from('t2a', fragmentsOf(udp({ payload: '00'.repeat(8) }), 2))],
});
const capture = readCapture(renderTrace(trace, 'name', 'about').pcapng);

test.each(Object.entries(scenarios))('%s renders to the same bytes again', (name, trace) => {
  const [once, again] = [renderTrace(trace, name, 'x'), renderTrace(structuredClone(trace), name, 'x')];
  expect(again.json).toBe(once.json);
  expect(Buffer.compare(again.pcapng, once.pcapng)).toBe(0);
});

test('the JSON is the trace, with its sentence', () => {
  expect(parseTrace(renderTrace(trace, 'name', 'about').json, 'file')).toEqual({ ...trace, about: 'about' });
});

test('devices are interfaces that tell their zone', () => {
  expect(capture.interfaces.map(({ name, description }) => [name, description])).toEqual([
    ['t1a', 'zone 5, tenant 1; assigned before defragmentation; what arrives leaves by t1b'],
    ['t1b', 'zone 5, tenant 1; assigned before defragmentation; what arrives leaves by t1a'],
    ['t2a', 'no zone, tenant 2; assigned before defragmentation; what arrives leaves by t2b'],
    ['t2b', 'no zone, tenant 2; assigned before defragmentation; what arrives leaves by t2a'],
  ]);
  expect(capture.sections[0]?.comments?.[0]).toBe('name: about');
});

test('packets come in order, inbound where they arrive and outbound where they leave', () => {
  expect(capture.packets.map((packet) => [capture.interfaces[packet.interface]?.name, packet.flags])).toEqual([
    ['t1a', INBOUND],
    ['t1b', OUTBOUND],
    ['t1b', INBOUND],
    ['t1a', OUTBOUND],
    ['t2a', INBOUND],
    ['t2a', INBOUND],
    ['t2b', OUTBOUND],
    ['t2b', OUTBOUND],
  ]);
  const [start = 0n, ...times] = capture.packets.map(({ timestampNs }) => timestampNs);
  expect(new Date(Number(start / MILLISECOND)).toISOString()).toBe('2010-01-14T00:00:00.000Z');
  const waited = 40_000n * MILLISECOND;
  expect(times.map((time = 0n) => time - start)).toEqual([1000n, waited + 2000n, waited + 3000n, waited + 4000n, waited + 5000n, waited + 6000n, waited + 7000n]);
});

test('comments tell what became of a packet, and what happened before it without one', () => {
  const [first, , answer, , held, , , lastPiece] = capture.packets.map(({ comments }) => comments);
  expect(first?.slice(0, 2)).toEqual(['event 1: arrives on t1a', 'new, original, zone 5, connection 1; leaves by t1b']);
  expect(first?.[2]).toMatch(/^rules: packet\.admitted, .*lookup\.nothing/);
  expect(answer?.slice(0, 3)).toEqual([
    'event 2: 40000 ms pass; rules: connection.expired',
    'event 3: arrives on t1b',
    'new, original, zone 5, connection 2; leaves by t1a',
  ]);
  expect(held?.slice(0, 2)).toEqual(['event 4: arrives on t2a', 'not tracked; held']);
  expect(lastPiece).toEqual(['event 5: leaves by t2b, piece 2 of 2', 'new, original, zone 0, connection 3']);
});
