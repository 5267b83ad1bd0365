/** Forwarding of IPv6 in the engine: who is not routed, and in which pieces a datagram leaves. */
import { expect, test } from 'vitest';
import { Engine } from './index.ts';
import { counting, fragment6, host6, ip6, leftOf, twoZones, udp } from './test/packets.ts';

const engine = new Engine({ connectionsMax: 8, queuesMax: 8, fragmentBytesMax: 2 ** 17 });
const send = (...packets: readonly Uint8Array[]) => {
  engine.reset(twoZones());
  let last = engine.receive(0, packets[0] ?? ip6({}));
  for (const packet of packets.slice(1)) last = engine.receive(0, packet);
  return last;
};
const linkLocal = (last: number): readonly number[] => [0xfe, 0x80, ...host6(last).slice(2)];
const UNSPECIFIED = Array.from({ length: 16 }, () => 0);

test.each([
  ['fe80::2', { destination: linkLocal(2) }, 'martian'],
  ['febf::2', { destination: linkLocal(2).with(1, 0xbf) }, 'martian'],
  ['fec0::2', { destination: linkLocal(2).with(1, 0xc0) }, 'left'],
  ['a group', { destination: [0xff, 0x0e, ...host6(2).slice(2)] }, 'martian'],
  ['from fe80::1', { source: linkLocal(1) }, 'martian'],
  ['from nowhere', { source: UNSPECIFIED }, 'martian'],
  ['to nowhere', { destination: UNSPECIFIED }, 'left'],
  ['a hop limit of 2', { hopLimit: 2 }, 'left'],
  ['a hop limit of 1', { hopLimit: 1 }, 'ttl'],
] as const)('%s', (_, fields, fate) => {
  expect(send(ip6({ payload: udp(5, 6), ...fields })).fate).toBe(fate);
});

test('a whole packet leaves one hop later, without what lies behind its length', () => {
  const packet = ip6({ payload: udp(5, 6, [1, 2, 3]), trailer: [9, 9] });
  const [left = ''] = leftOf(send(packet));
  const expected = packet.slice(0, packet.length - 2);
  expected[7] = 63;
  expect(left).toBe(Buffer.from(expected).toString('hex'));
});

/** Offset, bytes behind the fragment header, and whether more follow, of each piece that left. */
const piecesOf = (...packets: readonly Uint8Array[]) =>
  leftOf(send(...packets)).map((text) => {
    const bytes = Buffer.from(text, 'hex');
    return bytes[6] === 44 ? [bytes.readUInt16BE(42) & 0xfff8, bytes.length - 48, bytes.readUInt16BE(42) & 1] : [0, bytes.length - 40, 0];
  });
const bytes = [...udp(5, 6, counting(40))];

test('pieces leave as they came, or whole if that is no larger than the largest', () => {
  expect(piecesOf(fragment6(bytes, 0, 16), fragment6(bytes, 16, 48))).toEqual([[0, 16, 1], [16, 32, 0]]);
  expect(piecesOf(fragment6(bytes, 0, 40), fragment6(bytes, 40, 48))).toEqual([[0, 48, 0]]);
});

test('SCTP whose first piece lacks a part of its header is cut again', () => {
  const sctp = counting(48);
  expect(piecesOf(fragment6(sctp, 0, 16, 132), fragment6(sctp, 16, 48))).toEqual([[0, 16, 1], [16, 32, 0]]);
  expect(piecesOf(fragment6(sctp, 0, 8, 132), fragment6(sctp, 8, 32), fragment6(sctp, 32, 48))).toEqual([[0, 48, 0]]);
});
