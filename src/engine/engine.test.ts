/** The engine from end to end: zones, replies, time, and that a reset leaves nothing. */
import { DEFAULT_TIMEOUTS } from '../../spec/timeouts.ts';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Network, Pass } from '../../spec/trace/network.ts';
import { Engine } from './index.ts';
import { CLOCK_MS_MAX } from './limits.ts';
import { counting, halvesOf, hex, inZone, internetChecksum, ip, leftOf, said, twoZones, udp } from './test/packets.ts';

const small = { connectionsMax: 64, queuesMax: 64, fragmentBytesMax: 2 ** 17 };
const open = (changes: Partial<Network> = {}): Engine => {
  const engine = new Engine(small);
  engine.reset(twoZones(changes));
  return engine;
};
const request = ip({ source: '10.0.0.1', destination: '10.0.0.2', payload: udp(5, 6, [1, 2, 3]) });
const answer = ip({ source: '10.0.0.2', destination: '10.0.0.1', payload: udp(6, 5) });
// Devices of twoZones: a, a-out in zone 1; b, b-out in zone 2.
const [a, aOut, b, bOut] = [0, 1, 2, 3];

test('equal tuples in two zones are two connections, each with its own replies', () => {
  const engine = open();
  expect(said(engine.receive(a, request))).toBe('left: new original zone 1 connection 1');
  expect(said(engine.receive(b, request))).toBe('left: new original zone 2 connection 2');
  expect(said(engine.receive(bOut, answer))).toBe('left: established reply zone 2 connection 2');
  expect(said(engine.receive(a, request))).toBe('left: new original zone 1 connection 1');
  expect(said(engine.receive(b, request))).toBe('left: established original zone 2 connection 2');
  expect(said(engine.receive(aOut, answer))).toBe('left: established reply zone 1 connection 1');
});

test('a packet leaves by the exit of its device', () => {
  const engine = open();
  expect([a, aOut, b, bOut].map((device) => engine.receive(device, request).exit)).toEqual([aOut, a, bOut, b]);
  expect(['a', 'a-out', 'b', 'b-out', 'c'].map((name) => engine.device(name))).toEqual([a, aOut, b, bOut, undefined]);
});

test('zone 0, a device without a zone, and an explicit 0 are one', () => {
  const none: Pass = { assigned: 'before-defragmentation' };
  const zero: Pass = { assigned: 'before-defragmentation', zone: { id: 0, counts: 'both' } };
  const engine = open({ devices: [{ name: 'x', passes: [none], exit: 'y' }, { name: 'y', passes: [zero], exit: 'x' }] });
  expect(said(engine.receive(0, request))).toBe('left: new original zone 0 connection 1');
  expect(said(engine.receive(1, answer))).toBe('left: established reply zone 0 connection 1');
});

test('a connection without a reply lives its time exactly, from its last packet', () => {
  for (const [lateMs, expected] of [
    [DEFAULT_TIMEOUTS.udpMs - 1, 1],
    [DEFAULT_TIMEOUTS.udpMs, 2],
  ] as const) {
    const engine = open();
    engine.receive(a, request);
    engine.advance(20_000);
    engine.receive(a, request);
    engine.advance(lateMs);
    expect(engine.receive(a, request).connection).toBe(expected);
  }
});

test('a stream begins with the first packet that is later than two seconds and after a reply', () => {
  for (const [ageMs, state] of [
    [2000, 'new'],
    [2001, 'established'],
  ] as const) {
    const engine = open();
    engine.receive(a, request);
    engine.advance(ageMs);
    engine.receive(aOut, answer);
    engine.receive(a, request);
    engine.advance(DEFAULT_TIMEOUTS.udpMs);
    expect(engine.receive(a, request).state).toBe(state);
  }
});

test('the first reply itself does not make a stream, and a stream lives its time exactly', () => {
  const engine = open();
  engine.receive(a, request);
  engine.advance(10_000);
  engine.receive(aOut, answer);
  engine.advance(DEFAULT_TIMEOUTS.udpMs - 1);
  engine.receive(aOut, answer);
  engine.advance(DEFAULT_TIMEOUTS.udpStreamMs - 1);
  expect(said(engine.receive(a, request))).toBe('left: established original zone 1 connection 1');
  engine.advance(DEFAULT_TIMEOUTS.udpStreamMs);
  expect(said(engine.receive(a, request))).toBe('left: new original zone 1 connection 2');
});

test('a stream timeout that is the shorter one is obeyed too', () => {
  const engine = open({ timeouts: { ...DEFAULT_TIMEOUTS, udpStreamMs: 50 } });
  engine.receive(a, request);
  engine.receive(aOut, answer);
  engine.advance(2001);
  engine.receive(a, request);
  engine.advance(49);
  expect(engine.receive(a, request).connection).toBe(1);
  engine.advance(50);
  expect(engine.receive(a, request).connection).toBe(2);
});

test('a timeout of 0 keeps nothing', () => {
  const engine = open({ timeouts: { ...DEFAULT_TIMEOUTS, udpMs: 0, udpStreamMs: 0, fragmentMs: 0 } });
  expect([engine.receive(a, request).connection, engine.receive(a, request).connection]).toEqual([1, 2]);
  const [first, last] = halvesOf({ payload: udp(5, 6, counting(8)) }, 8);
  engine.receive(a, first);
  expect(engine.receive(a, last).fate).toBe('fragment-held');
});

test('a tuple that is its own inverse answers itself', () => {
  const engine = open();
  const self = ip({ source: '10.0.0.1', destination: '10.0.0.1', payload: udp(5, 5) });
  expect(said(engine.receive(a, self))).toBe('left: new original zone 1 connection 1');
  expect(said(engine.receive(a, self))).toBe('left: established reply zone 1 connection 1');
});

test('invalid UDP and other protocols are forwarded without a connection', () => {
  const engine = open();
  const wrongSum = udp(5, 6).with(6, 0x12).with(7, 0x34);
  for (const payload of [udp(5, 6).subarray(0, 7), udp(5, 6).with(5, 7), udp(5, 6).with(5, 9), wrongSum]) {
    expect(said(engine.receive(a, ip({ payload })))).toBe('left: invalid');
  }
  expect(said(engine.receive(a, ip({ payload: udp(5, 6, [1]).with(5, 8) })))).toBe('left: new original zone 1 connection 1');
});

test('a right UDP checksum is right, over bytes beyond the UDP length too', () => {
  const payload = udp(5, 6, [1, 2, 3]).with(5, 9);
  const pseudo = Uint8Array.of(10, 0, 0, 1, 10, 0, 0, 2, 0, 17, 0, payload.length, ...payload);
  const sum = internetChecksum(pseudo);
  const engine = open();
  const packet = ip({ source: '10.0.0.1', destination: '10.0.0.2', payload: payload.with(6, sum >> 8).with(7, sum & 255) });
  expect(engine.receive(a, packet).state).toBe('new');
});

test('fragments of equal datagrams in two zones, interleaved, stay apart', () => {
  const engine = open();
  const [first, last] = halvesOf({ payload: udp(5, 6, counting(24)), id: 1 }, 16);
  const [otherFirst, otherLast] = halvesOf({ payload: udp(5, 6, counting(24).toReversed()), id: 1 }, 16);
  expect(engine.receive(a, first).fate).toBe('fragment-held');
  expect(engine.receive(b, otherLast).fate).toBe('fragment-held');
  const inOne = engine.receive(a, last);
  expect(said(inOne)).toBe('left: new original zone 1 connection 1');
  expect(leftOf(inOne).map((piece) => piece.slice(40)).join('')).toBe(hex(udp(5, 6, counting(24))));
  const inTwo = engine.receive(b, otherFirst);
  expect(said(inTwo)).toBe('left: new original zone 2 connection 2');
  expect(leftOf(inTwo).map((piece) => piece.slice(40)).join('')).toBe(hex(udp(5, 6, counting(24).toReversed())));
});

test('a zone that is assigned after defragmentation keeps nothing apart, and the last fragment decides it', () => {
  const engine = open({ devices: [...inZone('a', 1, 'after-defragmentation'), ...inZone('b', 2, 'after-defragmentation')] });
  const [first, last] = halvesOf({ payload: udp(5, 6, counting(24)) }, 16);
  engine.receive(a, first);
  const verdict = engine.receive(b, last);
  expect(said(verdict)).toBe('left: new original zone 2 connection 1');
  expect(verdict.exit).toBe(bOut);
});

test('a full table drops the packet of a new connection and keeps the others', () => {
  const engine = new Engine({ connectionsMax: 1, queuesMax: 1 });
  engine.reset(twoZones());
  engine.receive(a, request);
  const verdict = engine.receive(b, request);
  expect([said(verdict), leftOf(verdict)]).toEqual(['table-full: unseen', []]);
  expect(said(engine.receive(aOut, answer))).toBe('left: established reply zone 1 connection 1');
});

test('a packet that arrives is not changed', () => {
  const engine = open();
  const sent = Uint8Array.from(request);
  engine.receive(a, sent);
  expect(hex(sent)).toBe(hex(request));
});

/** A step of any traffic: time, or bytes on a device. */
const step = fc.oneof(
  fc.record({ ms: fc.constantFrom(0, 1, 2000, 2001, 29_999, 30_000) }),
  fc.record({
    device: fc.nat({ max: 3 }),
    bytes: fc.oneof(
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) },
      { weight: 3, arbitrary: fc.constantFrom(request, answer) },
      {
        weight: 4,
        arbitrary: fc
          .record({ id: fc.nat({ max: 2 }), offset: fc.nat({ max: 4 }), length: fc.nat({ max: 20 }), mf: fc.boolean() })
          .map(({ id, offset, length, mf }) => ip({ id, mf, offset: offset * 8, payload: udp(5, 6, counting(12)).subarray(0, length) })),
      },
    ),
  }),
);
const play = (engine: Engine, network: Network, steps: readonly ({ ms: number } | { device: number; bytes: Uint8Array })[]) => {
  engine.reset(network);
  return steps.map((step) => {
    if ('ms' in step) return engine.advance(step.ms);
    const verdict = engine.receive(step.device, step.bytes);
    return `${said(verdict)} ${leftOf(verdict).join()}`;
  });
};

test('after a reset an engine is as good as a new one, whatever came before', () => {
  const used = new Engine(small);
  const [plain, limited] = [twoZones(), twoZones({ fragments: { distance: 2, memoryBytes: 60 } })] as const;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.array(step, { maxLength: 40 }), fc.boolean(), (before, after, plainFirst) => {
      const [first, second] = plainFirst ? [plain, limited] : [limited, plain];
      play(used, first, before);
      expect(play(used, second, after)).toEqual(play(new Engine(small), second, after));
    }),
    { numRuns: 200, seed: 8 },
  );
});

test('the hash seed changes no outcome', () => {
  const engines = [new Engine({ ...small, hashSeed: 0 }), new Engine({ ...small, hashSeed: -1 })];
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const [one, other] = engines.map((engine) => play(engine, twoZones(), steps));
      expect(one).toEqual(other);
    }),
    { numRuns: 300, seed: 9 },
  );
});

test('any bytes get a verdict', () => {
  const engine = open();
  fc.assert(
    fc.property(fc.nat({ max: 3 }), fc.uint8Array({ maxLength: 90 }), fc.boolean(), (device, bytes, mended) => {
      if (mended && bytes.length >= 60) {
        bytes[0] = 0x40 | Math.max(5, (bytes[0] ?? 0) & 15);
        bytes.set([0, bytes.length, 0, 0], 2);
        bytes.set([0, 0], 10);
        const sum = internetChecksum(bytes.subarray(0, ((bytes[0] ?? 0) & 15) * 4));
        bytes.set([sum >> 8, sum & 255], 10);
        expect(engine.receive(device, bytes).fate).not.toBe('refused');
      } else {
        engine.receive(device, bytes);
      }
    }),
    { numRuns: 5000, seed: 10 },
  );
});

test('networks that the engine cannot play are refused in a sentence', () => {
  const engine = new Engine({ ...small, devicesMax: 2 });
  const pass: Pass = { zone: { id: 1, counts: 'both' }, assigned: 'before-defragmentation' };
  const pair = (first: Partial<Network['devices'][number]>): Partial<Network> => ({
    devices: [{ name: 'x', passes: [pass], exit: 'y', ...first }, { name: 'y', passes: [pass], exit: 'x' }],
  });
  for (const [changes, reason] of [
    [{}, 'the network has 4 devices and the engine\'s limit is 2'],
    [pair({ passes: [] }), 'device x has 0 passes'],
    [pair({ passes: [pass, pass] }), 'device x has 2 passes'],
    [pair({ passes: [{ ...pass, rules: [{ does: 'mark', mark: -1, language: 'nft', assigned: pass.assigned }] }] }), 'a mark must be an integer'],
    [pair({ passes: [{ ...pass, zone: { id: 65_536, counts: 'both' } }] }), 'the id of a zone must be an integer from 0 to 65535'],
    [pair({ exit: 'z' }), 'device x needs another device of the network as its exit, not z'],
    [pair({ exit: 'x' }), 'device x needs another device'],
    [pair({ name: 'y' }), 'two devices have one name'],
    [{ ...pair({}), timeouts: { ...DEFAULT_TIMEOUTS, udpMs: -1 } }, 'timeouts.udpMs must be'],
    [{ ...pair({}), fragments: { distance: 0.5, memoryBytes: 0 } }, 'fragments.distance must be'],
  ] as const) {
    expect(() => engine.reset(twoZones(changes))).toThrow(reason);
  }
  expect(() => engine.reset(twoZones(pair({})))).not.toThrow();
});

test('time ends at its bound, and devices are those of the network', () => {
  const engine = open();
  expect(() => engine.receive(4, request)).toThrow('a device must be an integer from 0 to 3');
  expect(() => engine.receive(-1, request)).toThrow('a device');
  engine.advance(CLOCK_MS_MAX - 1);
  expect(engine.receive(a, request).fate).toBe('left');
  expect(() => engine.advance(2)).toThrow('milliseconds');
  expect(() => engine.advance(-1)).toThrow('milliseconds');
  engine.advance(1);
  expect(engine.receive(a, request).connection).toBe(1);
});
