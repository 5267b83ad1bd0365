/** Early drop, and limits of zones: who has to go, and who may not come. */
import { expect, test } from 'vitest';
import { Engine } from './index.ts';
import { ip, said, twoZones, udp } from './test/packets.ts';

const open = (limits: NonNullable<ReturnType<typeof twoZones>['limits']>): Engine => {
  const engine = new Engine({ connectionsMax: 64, queuesMax: 1 });
  engine.reset({ ...twoZones(), limits });
  return engine;
};

const request = (port: number): Uint8Array => ip({ payload: udp(port, 53) });
const [a, b] = [0, 2];

test('in a full table the one that is there ends for the one that comes, and is told of', () => {
  const engine = open({ connections: 1 });
  expect(said(engine.receive(a, request(1)))).toBe('left: new original zone 1 connection 1');
  expect(engine.evicted()).toEqual([]);
  expect(said(engine.receive(b, request(1)))).toBe('left: new original zone 2 connection 2');
  expect(engine.evicted()).toEqual([{ zone: 1, original: { source: '10.9.9.9', destination: '198.51.100.1', protocol: 17, sourcePort: 1, destinationPort: 53 } }]);
  expect(said(engine.receive(b, request(1)))).toBe('left: new original zone 2 connection 2');
  expect(engine.evicted()).toEqual([]);
});

test('of as many as there may be none has to go', () => {
  const engine = open({ connections: 3 });
  for (const port of [1, 2, 3]) {
    engine.receive(a, request(port));
    expect(engine.evicted()).toEqual([]);
  }
  engine.receive(a, request(4));
  expect(engine.evicted()).toHaveLength(1);
});

test('a zone is full by itself, and has room again when one of its connections has ended', () => {
  const engine = open({ zones: [{ zone: 2, connections: 2 }, { connections: 1 }] });
  expect([1, 2].map((port) => engine.receive(a, request(port)).fate)).toEqual(['left', 'zone-full']);
  expect([1, 2, 3].map((port) => engine.receive(b, request(port)).fate)).toEqual(['left', 'left', 'zone-full']);
  engine.flush(1);
  expect([2, 1].map((port) => engine.receive(a, request(port)).fate)).toEqual(['left', 'zone-full']);
  engine.advance(30_000);
  expect([1, 2].map((port) => engine.receive(a, request(port)).fate)).toEqual(['left', 'zone-full']);
});

test('a network without limits has none, whatever the one before had', () => {
  const engine = open({ connections: 1, zones: [{ connections: 1 }], counters: [{ devices: ['a'], most: 0, counts: 'all-zones' }] });
  expect(engine.receive(a, request(1)).fate).toBe('counted-out');
  engine.reset(twoZones());
  expect([1, 2, 3].map((port) => engine.receive(a, request(port)).fate)).toEqual(['left', 'left', 'left']);
});
