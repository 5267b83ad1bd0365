/** Protocols known by number only: one flow between two hosts for each, and no ICMP of the other version of IP. */
import { expect, test } from 'vitest';
import { Engine } from './index.ts';
import { icmp, ip, ip6, said, twoZones } from './test/packets.ts';

const engine = new Engine({ connectionsMax: 8, queuesMax: 8, fragmentBytesMax: 2 ** 17 });

test('whatever its bytes, and for 600 s after each packet', () => {
  engine.reset(twoZones());
  expect(said(engine.receive(0, ip({ protocol: 50 })))).toBe('left: new original zone 1 connection 1');
  engine.advance(599_999);
  expect(said(engine.receive(0, ip({ protocol: 50, payload: [1, 2, 3, 4, 5] })))).toBe('left: new original zone 1 connection 1');
  expect(said(engine.receive(0, ip({ protocol: 4 })))).toBe('left: new original zone 1 connection 2');
  expect(said(engine.receive(2, ip({ protocol: 50 })))).toBe('left: new original zone 2 connection 3');
  engine.advance(600_000);
  expect(said(engine.receive(0, ip({ protocol: 50 })))).toBe('left: new original zone 1 connection 4');
});

test('a number of IPv4 is another flow in IPv6', () => {
  engine.reset(twoZones());
  expect(said(engine.receive(0, ip6({ next: 50 })))).toBe('left: new original zone 1 connection 1');
  expect(said(engine.receive(0, ip({ protocol: 50 })))).toBe('left: new original zone 1 connection 2');
});

test('ICMP in IPv6 and ICMPv6 in IPv4 are invalid', () => {
  engine.reset(twoZones());
  expect(said(engine.receive(0, ip6({ next: 1, payload: icmp(8) })))).toBe('left: invalid');
  expect(said(engine.receive(0, ip({ protocol: 58, payload: icmp(128) })))).toBe('left: invalid');
});
