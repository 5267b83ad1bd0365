/** Tiling: what is a datagram, what is not yet one, and about what nothing is said. */
import { expect, test } from 'vitest';
import type { Ipv4 } from '../../spec/trace/packet.ts';
import { colouredPayload } from '../colours.ts';
import { fragmentsOf, udp } from '../words.ts';
import { type Group, tile } from './tiling.ts';

const datagram = udp({ payload: colouredPayload(1, 1, 37) });
const [a = datagram, b = datagram, c = datagram] = fragmentsOf(datagram, 3);
const bytes = fragmentsOf(datagram, 3).map((piece) => (piece.payload.kind === 'opaque' ? piece.payload.bytes : '')).join('');
const other = (packet: Ipv4, text: string): Ipv4 => ({ ...packet, payload: { kind: 'opaque', bytes: text, why: 'fragment' } });

/** What each fragment, or pause in milliseconds, makes of a datagram that waits 30 s. */
const tilings = (...steps: readonly (Ipv4 | number)[]): readonly string[] => {
  const groups = new Map<string, Group>();
  let nowMs = 0;
  return steps.flatMap((step) => {
    if (typeof step === 'number') {
      nowMs += step;
      return [];
    }
    const tiling = tile(groups, step, nowMs, 30_000);
    if (tiling.kind === 'complete') expect(tiling.bytes).toBe(bytes);
    return [tiling.kind];
  });
};

test('fragments in any order, with exact duplicates, complete with the last hole', () => {
  for (const order of [[a, b, c], [c, b, a], [b, c, a]]) expect(tilings(...order)).toEqual(['held', 'held', 'complete']);
  expect(tilings(a, a, c, c, a, b)).toEqual(['held', 'held', 'held', 'held', 'held', 'complete']);
  expect(tilings(a, b, c, c, b, a)).toEqual(['held', 'held', 'complete', 'held', 'held', 'complete']);
});

test('another key is another datagram', () => {
  expect(tilings(a, b, { ...c, id: 2 }, { ...c, source: '10.0.0.9' }, c)).toEqual(['held', 'held', 'held', 'held', 'complete']);
});

test('a datagram waits from its first fragment on, and then it begins anew', () => {
  expect(tilings(a, 29_999, b, c)).toEqual(['held', 'held', 'complete']);
  expect(tilings(a, 30_000, b, c, a)).toEqual(['held', 'held', 'held', 'complete']);
  expect(tilings(a, 20_000, b, 10_000, c)).toEqual(['held', 'held', 'held']);
});

test('nothing is said of overlaps, odd lengths, contradictions and what is empty', () => {
  const text = a.payload.kind === 'opaque' ? a.payload.bytes : '';
  for (const strange of [
    other(a, text + text),
    other(a, text.replace('03e8', '03e9')),
    other(b, '00'.repeat(9)),
    other(b, ''),
    { ...a, tos: 2 },
    { ...c, offset: 8, mf: false },
    { ...c, offset: 64, mf: false },
    { ...b, offset: 65_528 },
  ]) {
    expect(tilings(a, c, strange).at(-1)).toBe('unclear');
    expect(tilings(a, c, strange, b)).toEqual(['held', 'held', 'unclear', 'unclear']);
  }
});

test('what is unclear stays so until everything that could wait has timed out', () => {
  const strange = other(b, '');
  expect(tilings(a, strange, 29_999, b, 29_999, c)).toEqual(['held', 'unclear', 'unclear', 'unclear']);
  expect(tilings(a, strange, 30_000, a, b, c)).toEqual(['held', 'unclear', 'held', 'held', 'complete']);
});

test('nothing is said of a whole datagram that something else keeps from leaving', () => {
  expect(tilings({ ...a, ttl: 1 }, b, c)).toEqual(['held', 'held', 'unclear']);
  expect(tilings({ ...a, tos: 1 }, b, c)).toEqual(['held', 'held', 'unclear']);
  expect(tilings({ ...a, options: '01010100' }, b, c)).toEqual(['held', 'held', 'unclear']);
  const martian = { source: '127.0.0.1' };
  expect(tilings({ ...a, ...martian }, { ...b, ...martian }, { ...c, ...martian })).toEqual(['held', 'held', 'unclear']);
});
