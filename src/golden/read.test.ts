/** Reading rendered files back: the trace comes out, and nothing but its rendering is believed. */
import { type PcapngFile, readCapture, splitText, writePcapng } from 'pcap-writer';
import { describe, expect, test } from 'vitest';
import { scenarios } from '../../golden/scenarios/index.ts';
import { from, scenario, tenantsInZones, udp, wait } from '../../properties/words.ts';
import { traceFor } from '../../properties/generate/index.ts';
import { traceText } from '../gate/trace-file.ts';
import { modelSubject } from '../subjects/model.ts';
import { readGoldenPcapng } from './read.ts';
import { renderTrace } from './render.ts';

const trace = scenario({ shows: 'x', network: tenantsInZones(1, 2), events: [...from('t1a', udp()), wait(1), ...from('t2a', udp())] });
const { pcapng } = renderTrace(trace, 'name', 'x');

/** The same file after a change to what it holds. */
const rewritten = (change: (file: Required<PcapngFile>) => PcapngFile): Uint8Array => {
  const { sections, interfaces, packets } = readCapture(pcapng);
  const timed = packets.map((packet) => ({ ...packet, timestampNs: packet.timestampNs! }));
  return writePcapng(change({ section: sections.at(0)!, interfaces, packets: timed }));
};
const changedAt = <Item>(list: readonly Item[], at: number, change: (item: Item) => Item): readonly Item[] =>
  list.map((item, place) => (place === at ? change(item) : item));
const inZone3 = (text: string): string => text.replace('"id":2,"counts"', '"id":3,"counts"');
const carrying = (text: string): Uint8Array => rewritten((file) => ({ ...file, section: { comments: ['title', text] } }));
const read = (bytes: Uint8Array) => readGoldenPcapng(bytes, 'x.pcapng');

test.each(Object.entries(scenarios))('%s comes back', (name, trace) => {
  expect(read(renderTrace(trace, name, trace.about!).pcapng)).toEqual(trace);
});

test('whatever is generated can be rendered and comes back', () => {
  for (let index = 0; index < 100; index += 1) {
    const trace = traceFor(1, index, modelSubject().capabilities);
    expect(read(renderTrace(trace, `trace ${index}`, 'x').pcapng)).toEqual({ ...trace, about: 'x' });
  }
});

test('a packet that is not IP at all is rendered as it is', () => {
  const none = { kind: 'raw', bytes: '', why: 'short' } as const;
  const raw = scenario({ shows: 'x', network: tenantsInZones(1), events: from('t1a', none, { ...none, bytes: '60' }) });
  const { pcapng } = renderTrace(raw, 'raw', 'x');
  expect(read(pcapng)).toEqual(raw);
  expect(readCapture(pcapng).packets.map(({ bytes, comments }) => [bytes.length, comments[1]])).toEqual([
    [0, 'not tracked; nothing leaves'],
    [1, 'not tracked; nothing leaves'],
  ]);
});

test('a trace that takes several comments comes back', () => {
  const events = from('t1a', ...Array.from({ length: 300 }, (_, id) => udp({ payload: '00'.repeat(100) }, { id })));
  const long = scenario({ shows: 'x', network: tenantsInZones(1), events });
  const rendered = renderTrace(long, 'long', 'x').pcapng;
  expect(readCapture(rendered).sections[0]?.comments?.length).toBeGreaterThan(2);
  expect(read(rendered)).toEqual(long);
});

test('a capture without a trace is any other capture', () => {
  expect(read(rewritten((file) => ({ ...file, section: {} })))).toBeUndefined();
});

test('rewriting by itself changes nothing, so what follows is due to the change', () => {
  expect(read(rewritten((file) => file))).toEqual(trace);
});

describe('the first block that differs is named', () => {
  test.each<[string, (file: Required<PcapngFile>) => PcapngFile]>([
    ['the section header', (file) => ({ ...file, section: { ...file.section, os: 'another' } })],
    ['interface 2 \\(t2a\\)', (file) => ({ ...file, interfaces: changedAt(file.interfaces, 2, (device) => ({ ...device, description: 'zone 3' })) })],
    ['packet 3', (file) => ({ ...file, packets: changedAt(file.packets, 2, (packet) => ({ ...packet, bytes: packet.bytes.with(8, 1) })) })],
    ['packet 4', (file) => ({ ...file, packets: changedAt(file.packets, 3, (packet) => ({ ...packet, timestampNs: packet.timestampNs + 1n })) })],
    ['packet 4', (file) => ({ ...file, packets: file.packets.slice(0, 3) })],
    ['packet 5', (file) => ({ ...file, packets: [...file.packets, ...file.packets.slice(-1)] })],
    ['packet 1', (file) => ({ ...file, packets: changedAt(file.packets, 0, (packet) => ({ ...packet, comments: ['held'] })) })],
  ])('%s', (named, change) => {
    expect(() => read(rewritten(change))).toThrow(new RegExp(`^x\\.pcapng: ${named} is not what the trace in its section header renders to; .*anew\\.$`));
  });

  test('a block of another kind', () => {
    const interfaceStatistics = new Uint8Array([5, 0, 0, 0, 12, 0, 0, 0, 12, 0, 0, 0]);
    expect(() => read(Buffer.concat([pcapng, interfaceStatistics]))).toThrow(/something besides/);
  });

  test('another trace in the section header', () => {
    const comments = readCapture(pcapng).sections.flatMap((section) => section.comments ?? []);
    const other = rewritten((file) => ({ ...file, section: { ...file.section, comments: comments.map(inZone3) } }));
    expect(() => read(other)).toThrow(/: interface 2 \(t2a\) is not/);
  });
});

test('what cannot be read says so in one sentence', () => {
  expect(() => read(Buffer.from('no capture at all, whatever its name says'))).toThrow(/^x\.pcapng: .*\.$/);
  expect(() => read(carrying('zoneproof trace 2\n{}'))).toThrow(/version 2; this version of zoneproof reads version 1/);
  expect(() => read(carrying('zoneproof trace 1\n{}'))).toThrow(/^x\.pcapng, section header: /);
  const events = [...Array.from({ length: 18_000 }, () => wait(1_000_000)), ...from('t1a', udp())];
  const endless = traceText(scenario({ shows: 'x', network: tenantsInZones(1), events }));
  const comments = ['title', ...splitText(`zoneproof trace 1\n${endless}`)];
  expect(() => read(rewritten((file) => ({ ...file, section: { comments } })))).toThrow(/^x\.pcapng: the trace .* cannot be rendered: .*\.$/);
  expect(() => read(pcapng.subarray(0, -4))).toThrow(/: packet 4 is not/);
});
