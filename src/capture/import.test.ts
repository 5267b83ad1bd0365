/** Import: every format, every frame accounted for, traces that can be played, and only one kind of error. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { writePcap, writePcapng } from 'pcap-writer';
import { describe, expect, test } from 'vitest';
import { laws } from '../../properties/laws/index.ts';
import { initial, isReaction, step } from '../../spec/index.ts';
import type { Trace } from '../../spec/index.ts';
import { bytesOf, checkAccount, fragmentsOf, framed, MACS, pcapOf, udp } from '../../test/capture-frames.ts';
import { BadInput } from '../gate/errors.ts';
import { parseTrace, traceText } from '../gate/trace-file.ts';
import { TRACE_LIMITS } from '../gate/trace-schema.ts';
import { encode } from '../packet/index.ts';
import { engineSubject } from '../subjects/engine.ts';
import { modelSubject } from '../subjects/model.ts';
import { IMPORT_LIMITS, importCapture } from './import.ts';
import type { Imported } from './import.ts';
import { reportText } from './report.ts';

const CAPTURES = new URL('../../golden/captures/', import.meta.url);
const recorded = readdirSync(CAPTURES).filter((name) => name.includes('.pcap'));
const read = (name: string): Uint8Array => readFileSync(new URL(name, CAPTURES));
const imported = (bytes: Uint8Array, zones = 2, seed = 1): Imported => importCapture(bytes, { file: 'x.pcap', zones, seed });

const query = encode(udp());
const answer = encode(udp({ source: '10.0.0.2', destination: '10.0.0.1' }, { sourcePort: 53, destinationPort: 1000 }));
const exchange = [query, answer];

/** What the model says of each event. */
const story = (trace: Trace) => {
  let state = initial(trace.network);
  return trace.events.map((event) => {
    if (isReaction(event)) throw new Error('an import makes no reactions');
    const after = step(state, event);
    state = after.state;
    return { event, outcome: after.outcome };
  });
};

test('a request and its reply: two tenants, a second apart, by two devices', () => {
  const { trace, report } = imported(pcapOf(exchange));
  expect(report).toEqual({ file: 'x.pcap', format: 'pcap', frames: 2, whole: 2, fragments: 0, leftOut: [], notes: [], tenants: 2, events: 5, playedMs: 1000 });
  expect(trace.network.tenants).toEqual([
    { number: 1, devices: ['t1-inside', 't1-outside'] },
    { number: 2, devices: ['t2-inside', 't2-outside'] },
  ]);
  const lines = story(trace).map(({ event, outcome: { passes, left } }) =>
    event.kind !== 'receive' ? `${event.kind === 'advance' ? event.milliseconds : 0} ms` : `${event.device} ${passes.map(({ state }) => state).join()} ${left.map(({ device }) => device).join()}`,
  );
  expect(lines.slice(0, 2).toSorted()).toEqual(['t1-inside new t1-outside', 't2-inside new t2-outside']);
  expect(lines[2]).toBe('1000 ms');
  expect(lines.slice(3).toSorted()).toEqual(['t1-outside established t1-inside', 't2-outside established t2-inside']);
  const zones = new Set(trace.network.devices.map(({ passes }) => passes[0]?.zone?.id));
  expect(zones.size).toBe(2);
});

test('the same bytes, zones and seed give the same trace; another seed another one', () => {
  const bytes = pcapOf(Array.from({ length: 20 }, () => exchange).flat());
  expect(imported(bytes, 3, 5)).toEqual(imported(bytes, 3, 5));
  expect(imported(bytes, 3, 5).trace).not.toEqual(imported(bytes, 3, 6).trace);
});

test('31 tenants have 31 zones', () => {
  const { trace } = imported(pcapOf(exchange), 31);
  expect(new Set(trace.network.devices.map(({ passes }) => passes[0]?.zone?.id)).size).toBe(31);
  expect(parseTrace(traceText(trace), 'x')).toEqual(trace);
});

test('every pcap format says the same', () => {
  const packets = exchange.map((bytes, index) => ({ timestampNs: 1_700_000_000_000_000_000n + BigInt(index) * 2_500_000_000n, bytes }));
  const nanoseconds = writePcap({ linkType: 101, snapLength: 0, resolution: 'nanoseconds', packets });
  const pcapng = writePcapng({ interfaces: [{ linkType: 101, snapLength: 0 }], packets: packets.map((packet) => ({ ...packet, interface: 0 })) });
  const { trace } = imported(nanoseconds);
  expect(trace.events.filter(({ kind }) => kind === 'advance')).toEqual([{ kind: 'advance', id: 2, milliseconds: 2000 }]);
  for (const bytes of [writePcap({ linkType: 101, snapLength: 0, resolution: 'microseconds', packets }), bigEndian(nanoseconds), pcapng]) {
    expect(imported(bytes).trace).toEqual(trace);
  }
});

/** The same pcap as a big endian host writes it. */
const bigEndian = (pcap: Uint8Array): Uint8Array => {
  const bytes = Buffer.from(pcap);
  const swap = (at: number, size: number) => bytes.set(bytes.subarray(at, at + size).toReversed(), at);
  for (const [at, size] of [[0, 4], [4, 2], [6, 2], [8, 4], [12, 4], [16, 4], [20, 4]] as const) swap(at, size);
  for (let at = 24; at < bytes.length; ) {
    const captured = bytes.readUInt32LE(at + 8);
    for (let field = 0; field < 16; field += 4) swap(at + field, 4);
    at += 16 + captured;
  }
  return bytes;
};

test('each interface of a pcapng has its own link layer', () => {
  const frames = [framed(`${MACS}0800`, udp()), query, framed(`0800${'00'.repeat(18)}`, udp()), framed('00000002', udp()), bytesOf('00')];
  const bytes = writePcapng({
    interfaces: [1, 101, 276, 108, 127].map((linkType) => ({ linkType, snapLength: 0 })),
    packets: frames.map((frame, index) => ({ interface: index, timestampNs: 0n, bytes: frame })),
  });
  const { report } = imported(bytes);
  expect(report).toMatchObject({ frames: 5, whole: 4, leftOut: [{ what: 'not covered yet: link type 127', frames: 1 }] });
});

test('a frame check sequence is no part of the frame', () => {
  const bytes = Buffer.from(pcapOf([Buffer.concat([query, bytesOf('01020304')])], 101));
  bytes.writeUInt32LE(0x24000000 + 101, 20);
  const [event] = imported(bytes, 1).trace.events;
  expect(event).toMatchObject({ packet: { trailer: '' } });
});

test('what is left out is counted by reason, and what is kept with a mistake is noted', () => {
  const arp = bytesOf(`${MACS}0806`);
  const eth = `${MACS}0800`;
  const lldp = bytesOf(`${MACS}88cc`);
  const frames = [arp, framed(eth, udp()), framed(eth, udp({}, { checksum: { wrong: 1 } })), arp, lldp];
  const wrong = fragmentsOf(udp({ id: 9 }, { checksum: { wrong: 1 } }), 16).map((packet) => framed(eth, packet));
  const { report } = imported(pcapOf([...frames, ...wrong], 1, -1));
  expect(report).toMatchObject({
    frames: 7,
    whole: 2,
    fragments: 2,
    leftOut: [
      { what: 'not covered yet: ARP', frames: 2 },
      { what: 'not covered yet: LLDP', frames: 1 },
    ],
    notes: [
      { what: 'stamped earlier than a packet before: played at the time already reached', frames: 3 },
      { what: 'fragments of a datagram with a wrong checksum: kept', frames: 2 },
      { what: 'wrong UDP checksum: kept', frames: 1 },
    ],
  });
});

test('a capture that is cut is used up to the cut, wherever that is', () => {
  const bytes = pcapOf(exchange);
  const [none, one] = [24, 24 + 16 + query.length];
  for (let end = 4; end < bytes.length; end += 1) {
    const { report } = imported(bytes.subarray(0, end));
    expect(report.frames).toBe(end < one ? 0 : 1);
    expect('cut' in report).toBe(end !== none && end !== one);
  }
  expect(imported(bytes.subarray(0, bytes.length - 1)).report.cut).toBe('packet 1 at byte 92 is incomplete');
});

test('a trace that is full ends, and the rest is counted', () => {
  const frames = Array.from({ length: 3300 }, () => query);
  const { trace, report } = imported(pcapOf(frames), 31);
  expect(trace.events.length).toBe(report.whole * 31 + report.whole - 1);
  expect(trace.events.length).toBeLessThanOrEqual(TRACE_LIMITS.events);
  expect(trace.events.length).toBeGreaterThan(TRACE_LIMITS.events - 32);
  expect(report.leftOut).toEqual([{ what: expect.stringMatching(/^after the trace was full/), frames: 3300 - report.whole }]);
});

test('a trace that is full of bytes can still be written', () => {
  const large = encode(udp({}, { payload: '00'.repeat(60_000) }));
  const { trace, report } = imported(pcapOf(Array.from({ length: 300 }, () => large)), 2);
  expect(report.whole).toBeGreaterThan(270);
  expect(report.whole).toBeLessThan(300);
  expect(traceText(trace).length).toBeLessThanOrEqual(TRACE_LIMITS.fileBytes);
});

test('frames after the limit are counted', () => {
  const bytes = Buffer.alloc(24 + 16 * (IMPORT_LIMITS.frames + 5));
  bytes.set(pcapOf([]));
  expect(imported(bytes).report).toMatchObject({
    frames: IMPORT_LIMITS.frames + 5,
    leftOut: [
      { what: 'shorter than its link layer header', frames: IMPORT_LIMITS.frames },
      { what: 'after the first 1000000 frames', frames: 5 },
    ],
  });
});

test.each([
  ['no bytes', '', /^bad\.pcap cannot be read: .*; give a pcap or pcapng file/],
  ['text', '7b226576656e7473', /^bad\.pcap cannot be read: .*byte 0 .*; give a pcap or pcapng file/],
])('%s is one sentence', (_, hex, sentence) => {
  const attempt = () => importCapture(bytesOf(hex), { file: 'bad.pcap', zones: 2, seed: 1 });
  expect(attempt).toThrow(BadInput);
  expect(attempt).toThrow(sentence);
});

test.each([0, 32, 1.5, Number.NaN])('%d zones are refused', (zones) => {
  expect(() => imported(pcapOf(exchange), zones)).toThrow(new BadInput(`zones is ${zones}; give a whole number from 1 to 31 to play x.pcap in.`));
});

test('changed captures are imported or refused, never anything else', () => {
  const originals = [pcapOf(exchange.map((bytes) => Buffer.concat([bytesOf(`${MACS}0800`), bytes])), 1), ...recorded.map((name) => read(name).subarray(0, 6000))];
  const place = fc.noBias(fc.nat(100_000));
  const change = fc.record({ at: place, value: fc.nat(255) });
  const capture = fc.record({ original: fc.constantFrom(...originals), changes: fc.array(change, { maxLength: 20 }), end: place });
  let used = 0;
  fc.assert(
    fc.property(capture, ({ original, changes, end }) => {
      const bytes = Buffer.from(original);
      for (const { at, value } of changes) bytes[at % bytes.length] = value;
      try {
        checkAccount(imported(bytes.subarray(0, end)));
        used += 1;
      } catch (error) {
        if (!(error instanceof BadInput)) throw error;
      }
    }),
    { seed: 1, numRuns: 1000 },
  );
  expect(used).toBeGreaterThan(500);
});

const engine = engineSubject();

/** How many packets a tenant has that are invalid. */
const INVALID: ReadonlyMap<string, number> = new Map([
  ['icmp-traceroute.pcap', 9], // errors about 6 probes whose last hop this network is, and 3 whose second fragment is yet to come
  ['icmpv6-traceroute.pcap', 12], // the same, and 3 about the second fragment, which has no ports
  ['tcp-offload.pcap', 12], // what acknowledges bytes that the recorder cut away, or comes behind them
]);

describe.each(recorded)('the recorded %s', (name) => {
  const result = importCapture(read(name), { file: name, zones: 3, seed: 1 });

  test('adds up and can be written', () => {
    checkAccount(result);
    expect(parseTrace(traceText(result.trace), name)).toEqual(result.trace);
    expect(reportText(result.report)).toContain(`${name} (`);
  });

  const isCovered = result.report.leftOut.every(({ what }) => /ARP|IPv6|snaplen/.test(what)) && result.trace.events.length > 0;

  test.runIf(isCovered)('is played, each tenant sees the same, and nothing is invalid without a reason', () => {
    const played = story(result.trace);
    const seen = result.trace.network.tenants.map(({ devices }) =>
      played.flatMap(({ event, outcome }) =>
        event.kind === 'receive' && devices.includes(event.device)
          ? [`${event.device.slice(3)}: ${outcome.passes.map((pass) => ('direction' in pass ? `${pass.state} ${pass.direction}` : pass.state)).join()}`]
          : [],
      ),
    );
    expect(seen[0]).toContain('inside: new original');
    expect(seen[0]).toContain('outside: established reply');
    expect(seen[0]?.filter((text) => text.includes('invalid')).length).toBe(INVALID.get(name) ?? 0);
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
  });

  test.runIf(isCovered)('keeps every law on the engine', async () => {
    const verdicts = new Map<string, string>();
    for (const law of laws) verdicts.set(law.id, (await law.check(engine, result.trace)).kind);
    expect([...verdicts].filter(([, kind]) => kind === 'violated')).toEqual([]);
    for (const id of ['solitude', 'interleaving', 'determinism', 'refinement']) expect(`${id} ${verdicts.get(id)}`).toBe(`${id} held`);
  });
});

test('the recorded fragments keep every law, and show what zones are for where those are assigned too late', async () => {
  const { trace } = imported(read('udp-fragments.pcapng'), 3);
  const subject = modelSubject();
  // Nobody is in zone 0, no error was recorded, and a capture has no commands.
  const speechless = new Set(['default-zone', 'relatedness', 'one-owner', 'constancy', 'control']);
  const canaries: string[] = [];
  // A capture's network neither translates nor limits.
  const outside = new Set(['translation', 'tunnels', 'counting']);
  for (const law of laws) {
    if (outside.has(law.id)) expect(law.boundary(trace)).not.toBe(true);
    if (outside.has(law.id)) continue;
    expect(law.boundary(trace)).toBe(true);
    const { kind } = await law.check(subject, trace);
    expect(`${law.id} ${kind}`).toBe(`${law.id} ${speechless.has(law.id) ? 'premise not met' : 'held'}`);
    for (const canary of law.canaries) {
      if (canary.id === 'after-defragmentation') canaries.push(`${law.id} ${(await canary.check(subject, trace)).kind}`);
    }
  }
  expect(canaries).toEqual(['solitude violated', 'reassembly violated', 'conservation violated']);
});

const tshark = (() => {
  try {
    return execFileSync('tshark', ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().split('\n')[0];
  } catch {
    return undefined;
  }
})();

const dissected = (name: string, args: readonly string[]): readonly string[] => {
  const text = execFileSync('tshark', ['-r', new URL(name, CAPTURES).pathname, ...args], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  return text.split('\n').filter((line) => line !== '');
};

/** Without tshark this is shown as skipped, so nobody takes it for checked. */
describe.skipIf(tshark === undefined)('tshark', () => {
  test.each(recorded)('finds nothing malformed in %s, and no checksum wrong but those left to a card', (name) => {
    const wrong = ['ip', 'udp', 'tcp', 'icmp', 'icmpv6'].map((protocol) => `${protocol}.checksum.status == 0`);
    const checked = ['ip', 'udp', 'udplite', 'tcp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
    // A retransmission that is cut elsewhere than the original makes a stream that tshark calls malformed.
    const args = [...checked, '-o', 'tcp.desegment_tcp_streams:FALSE', '-Y', `_ws.malformed || ${wrong.join(' || ')}`];
    expect(dissected(name, args).length > 0).toBe(name.includes('offload'));
  });

  const IPV6_FRAGMENT = /^[a-z]+:ethertype:ipv6:ipv6\.fraghdr/;
  const FIELDS = ['frame.len', 'frame.cap_len', 'ip.version', 'ip.flags.mf', 'ip.frag_offset', 'frame.protocols'];

  test.each(recorded)('counts the same in %s', (name) => {
    const settings = ['-o', 'ip.defragment:false', '-o', 'ipv6.defragment:false', '-E', 'occurrence=f', '-T', 'fields'];
    const lines = dissected(name, [...settings, ...FIELDS.flatMap((field) => ['-e', field])]);
    const frames = lines.map((line) => line.split('\t')).map(([length, captured, version, mf, offset, protocols = '']) => ({
      kind: length !== captured ? 'cut' : version === '' ? 'other' : mf === '1' || (offset ?? '0') > '0' || IPV6_FRAGMENT.test(protocols) ? 'fragment' : 'whole',
    }));
    const count = (wanted: string): number => frames.filter(({ kind }) => kind === wanted).length;
    const { report } = importCapture(read(name), { file: name, zones: 1, seed: 1 });
    const leftOut = (why: RegExp): number => report.leftOut.reduce((sum, { what, frames: some }) => sum + (why.test(what) ? some : 0), 0);
    const unknown = leftOut(/not covered yet: IPv/);
    expect({ all: report.frames, ip: report.whole + report.fragments + unknown, cut: leftOut(/snaplen/), other: leftOut(/not covered yet: (?!IPv)/) }).toEqual({
      all: frames.length,
      ip: count('whole') + count('fragment'),
      cut: count('cut'),
      other: count('other'),
    });
    if (unknown === 0) expect([report.whole, report.fragments]).toEqual([count('whole'), count('fragment')]);
  });
});
