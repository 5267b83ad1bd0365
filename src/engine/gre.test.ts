/** GRE in the engine: which bytes name a call, and how long a tunnel lives. */
import { expect, test } from 'vitest';
import { grePorts, isFlow } from './gre.ts';
import { Engine } from './index.ts';
import { ip, said, twoZones } from './test/packets.ts';

const CALL = [0x20, 0x01, 0x88, 0x0b, 0, 4, 0x12, 0x34];

test.each([
  ['a call', CALL, 0x1234, true],
  ['one byte too short for a call', CALL.slice(0, 7), 0, true],
  ['version 0', CALL.with(1, 0), 0, true],
  ['version 3', CALL.with(1, 3), 0, true],
  ['version 1 beside other flags', CALL.with(1, 0x89), 0x1234, true],
  ['a call without PPP', CALL.with(3, 0x0c), 0x1234, false],
  ['nothing', [], 0, true],
])('%s', (_, bytes, ports, flow) => {
  const packet = Uint8Array.from([9, ...bytes]);
  expect([grePorts(packet, 1, packet.length), isFlow(packet, 1, packet.length)]).toEqual([ports, flow]);
});

test('30 s unanswered, 180 s answered and assured; one that control made goes with its first packet', () => {
  const engine = new Engine({ connectionsMax: 8, queuesMax: 8, fragmentBytesMax: 2 ** 17 });
  engine.reset(twoZones());
  const there = ip({ source: '10.0.0.1', destination: '10.0.0.2', protocol: 47 });
  const back = ip({ source: '10.0.0.2', destination: '10.0.0.1', protocol: 47 });
  engine.receive(0, there);
  expect(engine.dump()).toMatchObject({ connections: [{ seconds: 30, assured: false }] });
  engine.receive(1, back);
  expect(engine.dump()).toMatchObject({ connections: [{ seconds: 30, assured: false }] });
  engine.receive(0, there);
  expect(engine.dump()).toMatchObject({ connections: [{ seconds: 180, assured: true }] });
  const tuple = { source: '10.0.0.1', destination: '10.0.0.2', protocol: 47, sourcePort: 0, destinationPort: 0 };
  engine.create({ original: tuple, reply: { ...tuple, source: '10.0.0.2', destination: '10.0.0.1' }, zone: 2, timeoutMs: 5000 });
  expect(said(engine.receive(2, there))).toBe('left: new original zone 2 connection 2');
  expect(said(engine.receive(2, there))).toBe('left: new original zone 2 connection 3');
});
