/** Rules that count: what is in their lists, and what the engine does when it has no room for one more. */
import { expect, test } from 'vitest';
import type { Counter } from '../../spec/trace/network.ts';
import { Engine } from './index.ts';
import { host6, ip, ip6, twoZones, udp } from './test/packets.ts';

const open = (counters: readonly Counter[], connectionsMax = 64): Engine => {
  const engine = new Engine({ connectionsMax, queuesMax: 1 });
  engine.reset({ ...twoZones(), limits: { counters } });
  return engine;
};

const request = (port: number): Uint8Array => ip({ payload: udp(port, 53) });
/** ESP, which is tracked by its addresses alone. */
const request6 = (last: number): Uint8Array => ip6({ source: host6(last), next: 50 });
const [a, b] = [0, 2];
const fates = (engine: Engine, device: number, ports: readonly number[]): readonly string[] => ports.map((port) => engine.receive(device, request(port)).fate);

test('the first rule that says no is the last, and each has a list of its own', () => {
  const engine = open([{ devices: ['a'], most: 2, counts: 'all-zones' }, { devices: ['a', 'b'], most: 1, counts: 'all-zones' }]);
  expect(fates(engine, a, [1])).toEqual(['left']);
  expect(fates(engine, b, [1])).toEqual(['counted-out']);
  engine.flush();
  expect(fates(engine, b, [1])).toEqual(['left']);
});

test('what expired is struck out, the first, the last and one between', () => {
  for (const gone of [1, 2, 3]) {
    const engine = open([{ devices: ['a'], most: 3, counts: 'each-zone' }]);
    expect(fates(engine, a, [1, 2, 3, 4])).toEqual(['left', 'left', 'left', 'counted-out']);
    engine.delete({ source: '10.9.9.9', destination: '198.51.100.1', protocol: 17, sourcePort: gone, destinationPort: 53 }, 1);
    expect(fates(engine, a, [5, 6])).toEqual(['left', 'counted-out']);
    expect(fates(engine, b, [5])).toEqual(['left']);
  }
});

test('addresses of IPv6 are kept as long as something is in a list, and no longer', () => {
  const engine = open([{ devices: ['a'], most: 1, counts: 'all-zones' }]);
  for (let turn = 0; turn < 1000; turn++) {
    expect([3, 4].map((last) => engine.receive(a, request6(last)).fate)).toEqual(['left', 'counted-out']);
    engine.flush();
  }
});

test('where there is no room to count one more its packet is dropped', () => {
  const engine = open([{ devices: ['a'], most: 10, counts: 'all-zones' }, { devices: ['a'], most: 10, counts: 'each-zone' }], 3);
  expect(fates(engine, a, [1, 2])).toEqual(['left', 'counted-out']);
});
