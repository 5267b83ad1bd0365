/** Fragments of UDP-Lite are known by the first one of their name, in their zone. */
import { expect, test } from 'vitest';
import { fragmentsOf, icmp6 } from '../../../properties/words.ts';
import { ipv6 } from '../../../spec/trace/packet.ts';
import { areMixedUp, udpLiteKnower } from './streams.ts';

const payload = '00'.repeat(24);
const datagram = ipv6({
  source: 'fd00::1',
  destination: 'fd00::2',
  payload: { kind: 'udp-lite', sourcePort: 1000, destinationPort: 2000, coverage: 0, checksum: 'right', payload },
});
const [first, rest] = fragmentsOf(datagram, 2).map((packet) => ({ packet, zone: 1 }));
const [other] = fragmentsOf(icmp6({ payload }), 2).map((packet) => ({ packet, zone: 2 }));
if (!first || !rest || !other) throw new Error('each is in two pieces');

test("another zone's first fragment of the same name says nothing", () => {
  const isUdpLite = udpLiteKnower();
  expect([first, other, rest, { ...other, zone: 1 }, rest].map(isUdpLite)).toEqual([true, false, true, false, false]);
});

test('only in one zone are they mixed up', () => {
  expect(areMixedUp([first, other, rest])).toBe(false);
  expect(areMixedUp([first, { ...other, zone: 1 }, rest])).toBe(true);
});
