/** ICMP in the engine: queries, errors about packets, and what errors leave alone. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine } from './index.ts';
import { icmp, ip, said, twoZones, udp } from './test/packets.ts';

const there = { source: '10.0.0.1', destination: '10.0.0.2' };
const back = { source: '10.0.0.2', destination: '10.0.0.1' };
const message = (ends: typeof there, bytes: Uint8Array): Uint8Array => ip({ ...ends, protocol: 1, payload: bytes });
const datagram = ip({ ...there, payload: udp(5, 6, [1, 2, 3]) });
const errorAbout = (packet: Uint8Array, length = 28): Uint8Array => message(back, icmp(3, packet.subarray(0, length), 3));
const open = (limits: Partial<Engine['limits']> = {}): Engine => {
  const engine = new Engine({ connectionsMax: 8, queuesMax: 8, fragmentBytesMax: 2 ** 17, ...limits });
  engine.reset(twoZones());
  return engine;
};
// Devices of twoZones: a, a-out in zone 1; b, b-out in zone 2.
const [a, aOut, b, bOut] = [0, 1, 2, 3];

test('equal requests in two zones have answers of their own, by identifier and code', () => {
  const engine = open();
  expect(said(engine.receive(a, message(there, icmp(8))))).toBe('left: new original zone 1 connection 1');
  expect(said(engine.receive(b, message(there, icmp(8))))).toBe('left: new original zone 2 connection 2');
  expect(said(engine.receive(bOut, message(back, icmp(0, [], 1))))).toBe('left: invalid');
  expect(said(engine.receive(bOut, message(back, icmp(0, [], 0, 8))))).toBe('left: invalid');
  expect(said(engine.receive(bOut, message(back, icmp(0))))).toBe('left: established reply zone 2 connection 2');
  expect(said(engine.receive(a, message(there, icmp(8))))).toBe('left: new original zone 1 connection 1');
});

test('an error belongs to the connection of its own zone, and says in which direction', () => {
  const engine = open();
  engine.receive(a, datagram);
  expect(said(engine.receive(bOut, errorAbout(datagram)))).toBe('left: invalid');
  expect(said(engine.receive(aOut, errorAbout(datagram)))).toBe('left: related reply zone 1 connection 1');
  const reply = ip({ ...back, payload: udp(6, 5) });
  expect(said(engine.receive(a, message(there, icmp(3, reply.subarray(0, 28)))))).toBe('left: related original zone 1 connection 1');
  expect(said(engine.receive(aOut, message({ ...back, destination: '10.0.0.3' }, icmp(3, datagram.subarray(0, 28)))))).toBe('left: invalid');
});

test('an error makes no connection, is no reply and gives no time', () => {
  const engine = open({ connectionsMax: 1 });
  expect(said(engine.receive(aOut, errorAbout(datagram)))).toBe('left: invalid');
  engine.receive(a, datagram);
  engine.advance(29_999);
  expect(said(engine.receive(aOut, errorAbout(datagram)))).toBe('left: related reply zone 1 connection 1');
  expect(said(engine.receive(b, datagram))).toBe('table-full: unseen');
  engine.advance(1);
  expect(said(engine.receive(aOut, errorAbout(datagram)))).toBe('left: invalid');
  expect(said(engine.receive(a, datagram))).toBe('left: new original zone 1 connection 2');
});

test('whatever an error quotes, it is read within its bounds', () => {
  const engine = open();
  engine.receive(a, datagram);
  const types = fc.constantFrom(3, 4, 5, 11, 12);
  fc.assert(
    fc.property(types, fc.uint8Array({ maxLength: 80 }), fc.nat(32), (type, bytes, kept) => {
      const quote = Uint8Array.from([...datagram.subarray(0, Math.min(kept, 27)), ...bytes]).subarray(0, Math.max(kept, bytes.length));
      expect(['related', 'invalid']).toContain(engine.receive(aOut, message(back, icmp(type, quote))).state);
    }),
    { numRuns: 2000 },
  );
});
