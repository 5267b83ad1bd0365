/**
 * Defragmentation, row by row: what was measured on Linux for IPv4, and the limits.
 *
 * A case is a list of fragments of one datagram of 72 bytes and what comes out, written as the pieces that leave.
 */
import { DEFAULT_TIMEOUTS } from '../../spec/timeouts.ts';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine, type Limits } from './index.ts';
import { DATAGRAM_BYTES_MAX } from './limits.ts';
import { counting, fragmentsOf, hex, ip, leftOf, twoZones, udp, type Ip } from './test/packets.ts';

const payload = udp(5, 6, counting(64));
const part = (offset: number, end: number, mf: boolean, more: Ip = {}): Uint8Array =>
  ip({ offset, mf, payload: payload.subarray(offset, end), ...more });
const [A, B, C] = [part(0, 24, true), part(24, 48, true), part(48, 72, false)];
const AB = part(0, 48, true);
const empty = (offset: number, mf: boolean): Uint8Array => ip({ offset, mf, payload: [] });

const open = (distance = 0, memoryBytes = 0, limits: Partial<Limits> = {}): Engine => {
  const engine = new Engine({ queuesMax: 256, connectionsMax: 16, fragmentBytesMax: 2 ** 20, ...limits });
  engine.reset(twoZones({ fragments: { distance, memoryBytes } }));
  return engine;
};

/** Where each piece lies: `0-24+` has more behind it. Empty if nothing leaves. */
const feed = (engine: Engine, packet: Uint8Array, device = 0): string => {
  const verdict = engine.receive(device, packet);
  return leftOf(verdict)
    .map((piece) => {
      const field = Number.parseInt(piece.slice(12, 16), 16);
      const offset = (field & 0x1fff) * 8;
      return `${offset}-${offset + piece.length / 2 - 20}${field & 0x2000 ? '+' : ''}`;
    })
    .join(' ');
};

/** All that leaves while the fragments arrive. */
const out = (...fragments: readonly Uint8Array[]): readonly string[] => {
  const engine = open();
  return fragments.map((fragment) => feed(engine, fragment)).filter((text) => text !== '');
};

const WHOLE = ['0-24+ 24-48+ 48-72'];

test.each<[string, readonly Uint8Array[], readonly string[]]>([
  ['in order', [A, B, C], WHOLE],
  ['reverse', [C, B, A], WHOLE],
  ['a duplicate of the middle is ignored', [A, B, B, C], WHOLE],
  ['a duplicate of the first is ignored', [A, A, B, C], WHOLE],
  ['a duplicate of the last is ignored', [A, C, C, B], WHOLE],
  ['a superset kills', [A, AB, C], []],
  ['what comes after a kill begins anew', [A, AB, A, B, C], WHOLE],
  ['the first part of a fragment is a duplicate', [AB, A, C], ['0-48+ 48-72']],
  ['the second part of a fragment is a duplicate', [AB, B, C], ['0-48+ 48-72']],
  ['a partial overlap kills', [A, part(16, 40, true), B, C], []],
  ['inside a run that grew by appending is a duplicate', [A, B, part(8, 32, true), C], WHOLE],
  ['inside a fragment with a gap behind it is a duplicate', [A, C, part(8, 16, true), B], WHOLE],
  ['inside two runs that touch is an overlap', [C, A, part(24, 40, true), part(8, 32, true), part(40, 48, true)], []],
  ['two runs that touch complete without it', [C, A, part(24, 40, true), part(40, 48, true)], ['0-24+ 24-40+ 40-48+ 48-72']],
  ['another end kills', [A, C, part(48, 64, false), B], []],
  ['an end before known data kills, and all can come again', [A, B, part(16, 24, false), A, B, C], WHOLE],
  ['data beyond the end kills', [A, C, ip({ offset: 72, mf: true, payload: counting(8) }), B], []],
  ['a length that is no multiple of 8 is cut', [part(0, 20, true), part(16, 72, false)], ['0-16+ 16-72']],
  ['the cut leaves a hole', [part(0, 20, true), part(24, 72, false)], []],
  ['cut to nothing kills', [A, ip({ offset: 24, mf: true, payload: counting(4) }), B, C], []],
  ['an empty first fragment kills only what waited', [empty(0, true), A, B, C], WHOLE],
  ['an empty middle kills', [A, empty(24, true), B, C], []],
  ['an empty last kills', [A, B, part(48, 72, true), empty(72, false)], []],
  ['a tail of one byte', [part(0, 64, true), ip({ offset: 64, payload: [9] })], ['0-64+ 64-65']],
  ['a first fragment that holds the UDP header only', [part(0, 8, true), part(8, 72, false)], ['0-8+ 8-72']],
  ['after completion the key is free', [A, B, C, A, B, C], [...WHOLE, ...WHOLE]],
  ['a duplicate as the last one still tells the end', [AB, part(24, 48, false)], []],
  ['another protocol is another datagram', [AB, part(48, 72, false, { protocol: 6 })], []],
  ['another id is another datagram', [AB, part(48, 72, false, { id: 1 })], []],
  ['another source is another datagram', [AB, part(48, 72, false, { source: '10.9.9.8' })], []],
  ['another destination is another datagram', [AB, part(48, 72, false, { destination: '198.51.100.2' })], []],
])('%s', (_, fragments, expected) => {
  expect(out(...fragments)).toEqual(expected);
});

test('an end that a duplicate told is kept: the missing middle completes without another last fragment', () => {
  expect(out(A, part(48, 72, true), part(64, 72, false), B)).toEqual(WHOLE);
});

test('lengths up to 65535 with the header pass, one byte more does not', () => {
  const most = DATAGRAM_BYTES_MAX - 20;
  for (const [length, expected] of [
    [most, [`0-32000+ 32000-${most}`]],
    [most + 1, []],
  ] as const) {
    expect(out(...fragmentsOf({ payload: counting(length) }, 32_000))).toEqual(expected);
  }
});

test('a fragment that ends beyond any datagram waits like any other, and completes nothing', () => {
  const engine = open();
  const far = ip({ offset: 65_528, payload: counting(1000) });
  expect(engine.receive(0, far).fate).toBe('fragment-held');
  expect(engine.receive(0, far).fate).toBe('fragment-held');
  expect(engine.receive(0, ip({ offset: 65_528, payload: counting(999) })).fate).toBe('fragment-killed');
});

test('8190 fragments of 8 bytes, odd ones first, come out as they came in', () => {
  const engine = open();
  const cuts = Array.from({ length: 8189 }, (_, place) => (place + 1) * 8);
  const fragments = fragmentsOf({ payload: udp(5, 6, counting(65_515 - 8)) }, ...cuts);
  expect(fragments.length).toBe(8190);
  const odd = fragments.filter((_, place) => place % 2 === 1);
  const even = fragments.filter((_, place) => place % 2 === 0);
  const fates = [...odd, ...even].map((fragment) => engine.receive(0, fragment).fate);
  expect(fates.slice(0, -1).every((fate) => fate === 'fragment-held')).toBe(true);
  expect(fates.at(-1)).toBe('left');
});

test('any cuts in any order with any repetitions give back the bytes and the geometry', () => {
  const engine = open();
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 260 }), { maxLength: 12 });
  fc.assert(
    fc.property(fc.integer({ min: 2089, max: 4000 }), cuts, fc.infiniteStream(fc.nat()), (length, places, dice) => {
      engine.reset(twoZones());
      const edges = places.map((place) => place * 8).toSorted((a, b) => a - b);
      const fragments = fragmentsOf({ payload: udp(5, 6, counting(length - 8)), tos: 0x28, id: 77 }, ...(edges.length > 0 ? edges : [8]));
      const shuffled = fragments.map((fragment) => ({ fragment, at: dice.next().value ?? 0 })).toSorted((a, b) => a.at - b.at);
      const outgoing = shuffled.map(({ fragment }, place) => {
        // Repetitions of what is held; the last one would begin a new datagram.
        const repeated = place > 0 ? leftOf(engine.receive(0, shuffled[place - 1]?.fragment ?? fragment)) : [];
        return [...repeated, ...leftOf(engine.receive(0, fragment))];
      });
      const hopLess = fragments.map((fragment) => hex(fragment).slice(40));
      expect(outgoing.flat().map((piece) => piece.slice(40))).toEqual(hopLess);
      expect(outgoing.at(-1)?.length).toBe(fragments.length);
    }),
    { numRuns: 300, seed: 6 },
  );
});

test('ECN: no mark mixed with any other makes nothing, congestion wins, otherwise the first counts', () => {
  const table = [0, 1, 2, 3].map((first) => [0, 1, 2, 3].map((last) => tosOfMixed(0x40 | first, 0x80 | last)));
  expect(table).toEqual([
    ['40', 'nothing', 'nothing', 'nothing'],
    ['nothing', '41', '41', '43'],
    ['nothing', '42', '42', '43'],
    ['nothing', '43', '43', '43'],
  ]);
});

const tosOfMixed = (first: number, last: number): string => {
  const engine = open();
  engine.receive(0, part(0, 48, true, { tos: first }));
  return leftOf(engine.receive(0, part(48, 72, false, { tos: last })))[0]?.slice(2, 4) ?? 'nothing';
};

test('a queue lives its time from the first fragment and not a millisecond longer', () => {
  for (const [lateMs, expected] of [
    [DEFAULT_TIMEOUTS.fragmentMs - 1, WHOLE[0]],
    [DEFAULT_TIMEOUTS.fragmentMs, ''],
  ] as const) {
    const engine = open();
    feed(engine, A);
    engine.advance(1000);
    feed(engine, B);
    engine.advance(lateMs - 1000);
    expect(feed(engine, C)).toBe(expected);
  }
});

test('distance: 64 others of the source between two fragments, in any zone, are too many, and 63 are not', () => {
  for (const [others, expected] of [
    [63, '0-48+ 48-72'],
    [64, ''],
  ] as const) {
    const engine = open(64);
    feed(engine, AB);
    for (let other = 0; other < others; other++) feed(engine, part(0, 24, true, { id: 1000 + (other % 5) }), 2);
    expect(feed(engine, C)).toBe(expected);
  }
});

test('distance: another source does not count, nor anything without a limit', () => {
  for (const [distance, source] of [
    [2, '10.9.9.8'],
    [0, '10.9.9.9'],
  ] as const) {
    const engine = open(distance);
    feed(engine, AB);
    for (let other = 0; other < 9; other++) feed(engine, part(0, 24, true, { id: other + 1, source }));
    expect(feed(engine, C)).toBe('0-48+ 48-72');
  }
});

test('distance: duplicates and fragments that kill count, refused packets do not', () => {
  const between = (other: Uint8Array): string => {
    const engine = open(1);
    feed(engine, AB);
    feed(engine, part(0, 24, true, { id: 9 }));
    engine.reset(twoZones({ fragments: { distance: 1, memoryBytes: 0 } }));
    feed(engine, AB);
    feed(engine, other);
    return feed(engine, C);
  };
  expect(between(empty(0, true))).toBe('');
  expect(between(ip({ id: 9, mf: true }))).toBe('');
  expect(between(AB)).toBe('0-48+ 48-72');
  expect(between(part(0, 24, true, { id: 9 }).with(10, 0).with(11, 0))).toBe('0-48+ 48-72');
});

test('distance: the fragment that came too late begins the queue anew, with all its time', () => {
  const engine = open(1);
  feed(engine, AB);
  engine.advance(20_000);
  feed(engine, part(0, 24, true, { id: 1 }));
  expect(feed(engine, C)).toBe('');
  engine.advance(29_999);
  expect(feed(engine, AB)).toBe('0-48+ 48-72');
});

test('memory: a fragment is refused once more than the budget is held, and queues stay', () => {
  const engine = open(0, 47);
  expect(engine.receive(0, AB).fate).toBe('fragment-held');
  expect(engine.receive(2, A).fate).toBe('fragments-full');
  expect(engine.receive(0, C).fate).toBe('fragments-full');
  engine.advance(DEFAULT_TIMEOUTS.fragmentMs);
  expect(engine.receive(0, A).fate).toBe('fragment-held');
  expect(engine.receive(0, B).fate).toBe('fragment-held');
  const enough = open(0, 48);
  enough.receive(0, AB);
  expect(feed(enough, C)).toBe('0-48+ 48-72');
});

test('queues: one more than the limit is refused, and goes in once another is done', () => {
  const engine = open(0, 0, { queuesMax: 2 });
  expect(engine.receive(0, part(0, 48, true, { id: 1 })).fate).toBe('fragment-held');
  expect(engine.receive(0, part(0, 48, true, { id: 2 })).fate).toBe('fragment-held');
  expect(engine.receive(0, part(0, 48, true, { id: 3 })).fate).toBe('fragments-full');
  expect(engine.receive(0, part(48, 72, false, { id: 1 })).fate).toBe('left');
  expect(engine.receive(0, part(0, 48, true, { id: 3 })).fate).toBe('fragment-held');
});

test('bytes: a fragment without certain room is refused, and queues stay', () => {
  const engine = open(0, 0, { fragmentBytesMax: 2 ** 17 });
  for (let id = 0; id < 127; id++) expect(engine.receive(0, part(0, 48, true, { id })).fate).toBe('fragment-held');
  expect(engine.receive(0, part(0, 48, true, { id: 127 })).fate).toBe('fragments-full');
  expect(engine.receive(0, part(48, 72, false, { id: 5 })).fate).toBe('fragments-full');
  engine.advance(DEFAULT_TIMEOUTS.fragmentMs);
  expect(engine.receive(0, part(0, 48, true, { id: 127 })).fate).toBe('fragment-held');
  expect(engine.receive(0, part(48, 72, false, { id: 127 })).fate).toBe('left');
});
