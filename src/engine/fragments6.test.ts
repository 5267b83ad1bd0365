/** Fragments of IPv6 in the engine: what completes, what is dropped alone, and what goes on by itself. */
import { expect, test } from 'vitest';
import { Engine } from './index.ts';
import { counting, fragment6, host6, ip6, leftOf, said, twoZones, udp } from './test/packets.ts';

const bytes = [...udp(5, 6, counting(40))];
const piece = (offset: number, end: number, fields = {}): Uint8Array => fragment6(bytes, offset, end, 17, fields);
const engine = new Engine({ connectionsMax: 8, queuesMax: 8, fragmentBytesMax: 2 ** 17 });
const fates = (...packets: readonly Uint8Array[]): readonly string[] => {
  engine.reset(twoZones());
  return packets.map((packet) => engine.receive(0, packet).fate);
};
const [A, B, C] = [piece(0, 16), piece(16, 32), piece(32, 48)];

test.each([
  ['in any order', [C, A, B], ['fragment-held', 'fragment-held', 'left']],
  ['with duplicates', [A, A, B, C], ['fragment-held', 'fragment-held', 'fragment-held', 'left']],
  ['an overlap ends the queue', [A, piece(8, 32), B, C], ['fragment-held', 'fragment-killed', 'fragment-held', 'fragment-held']],
  ['another end is dropped alone', [A, C, fragment6(bytes.slice(0, 40), 32, 40), B], ['fragment-held', 'fragment-held', 'fragment-refused', 'left']],
  ['no multiple of 8 goes on by itself, and ends the queue', [A, fragment6([...bytes, 0], 16, 28), B, C], ['fragment-held', 'left', 'fragment-held', 'fragment-held']],
  ['a first piece without its whole UDP header goes on by itself', [fragment6(bytes.slice(0, 4), 0, 4)], ['left']],
  ['identifications of other hosts are others', [A, piece(16, 32, { source: host6(3) }), C, B], ['fragment-held', 'fragment-held', 'fragment-held', 'left']],
] as const)('%s', (_, packets, expected) => {
  expect(fates(...packets)).toEqual(expected);
});

test('zones keep equal fragments apart, and 60 s end them', () => {
  engine.reset(twoZones());
  expect([0, 2].map((device) => engine.receive(device, A).fate)).toEqual(['fragment-held', 'fragment-held']);
  expect([0, 2].map((device) => engine.receive(device, C).fate)).toEqual(['fragment-held', 'fragment-held']);
  expect(said(engine.receive(2, B))).toBe('left: new original zone 2 connection 1');
  engine.advance(59_999);
  expect(said(engine.receive(0, A))).toBe('fragment-held: unseen');
  engine.advance(1);
  expect(said(engine.receive(0, B))).toBe('fragment-held: unseen');
});

test('a mark of congestion is passed on, and one beside "not capable" ends the datagram', () => {
  expect(fates(piece(0, 24, { trafficClass: 2 }), piece(24, 48, { trafficClass: 3 }))[1]).toBe('left');
  engine.reset(twoZones());
  engine.receive(0, piece(0, 24, { trafficClass: 2 }));
  expect(leftOf(engine.receive(0, piece(24, 48, { trafficClass: 3 }))).map((text) => text.slice(0, 4))).toEqual(['6030', '6030']);
  expect(fates(piece(0, 24), piece(24, 48, { trafficClass: 3 }))[1]).toBe('fragment-killed');
});

test('a whole packet beside them is none of theirs', () => {
  expect(fates(A, ip6({ payload: bytes }), B, C)).toEqual(['fragment-held', 'left', 'fragment-held', 'left']);
});
