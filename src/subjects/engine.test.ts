/** The adapter: packets in, outcomes out, and sessions that follow each other. */
import { DEFAULT_TCP } from '../../spec/tcp/settings.ts';
import { DEFAULT_TIMEOUTS } from '../../spec/timeouts.ts';
import { expect, test } from 'vitest';
import type { Playable } from '../../spec/trace/event.ts';
import type { Device, Network } from '../../spec/trace/network.ts';
import { ipv4, type Packet } from '../../spec/trace/packet.ts';
import { engineSubject } from './engine.ts';

const device = (name: string, exit: string, id: number): Device => ({
  name,
  passes: [{ zone: { id, counts: 'both' }, assigned: 'before-defragmentation' }],
  exit,
});
const network: Network = {
  devices: [device('in', 'out', 7), device('out', 'in', 7)],
  tenants: [],
  timeouts: DEFAULT_TIMEOUTS,
  tcp: DEFAULT_TCP,
  fragments: { distance: 0, memoryBytes: 0 },
};
const packet = ipv4({
  source: '10.0.0.1',
  destination: '10.0.0.2',
  id: 1,
  df: true,
  payload: { kind: 'udp', sourcePort: 5, destinationPort: 6, length: 'right', checksum: 'right', payload: 'cafe' },
});
const arrives = (id: number, packet: Packet, device = 'in'): Playable => ({ kind: 'receive', id, device, packet });

test('a packet leaves as a packet, one hop less', async () => {
  const subject = engineSubject();
  const session = await subject.open(network);
  expect(await session.feed([arrives(3, packet), { kind: 'advance', id: 4, milliseconds: 30_000 }, arrives(5, packet)])).toEqual([
    {
      event: 3,
      passes: [{ state: 'new', zone: 7, direction: 'original', connection: 1 }],
      left: [{ device: 'out', pieces: [{ ...packet, ttl: 63 }] }],
    },
    { event: 4, passes: [], left: [] },
    {
      event: 5,
      passes: [{ state: 'new', zone: 7, direction: 'original', connection: 2 }],
      left: [{ device: 'out', pieces: [{ ...packet, ttl: 63 }] }],
    },
  ]);
});

test('what is invalid, not admitted or not routed', async () => {
  const session = await engineSubject().open(network);
  const outcomes = await session.feed([
    arrives(0, { kind: 'raw', bytes: '60', why: 'short' }),
    arrives(1, { ...packet, ttl: 1 }),
    arrives(2, { ...packet, payload: { kind: 'opaque', bytes: '0005', why: 'short' } }),
    arrives(3, { ...packet, protocol: 6, payload: { kind: 'opaque', bytes: '0005', why: 'short' } }),
  ]);
  expect(outcomes.map(({ passes }) => passes.map(({ state }) => state).join())).toEqual(['', 'new', 'invalid', 'invalid']);
  expect(outcomes.map(({ left }) => left.length)).toEqual([0, 0, 1, 1]);
});

test('a session begins with nothing of the one before, which is over', async () => {
  const subject = engineSubject();
  const before = await subject.open(network);
  await before.feed([arrives(0, packet)]);
  const after = await subject.open(network);
  expect((await after.feed([arrives(0, packet)]))[0]?.passes).toEqual([
    { state: 'new', zone: 7, direction: 'original', connection: 1 },
  ]);
  expect(() => before.feed([arrives(1, packet)])).toThrow('this session is over');
  await before.close();
  expect((await after.feed([arrives(1, packet)])).length).toBe(1);
  await after.close();
  expect(() => after.feed([arrives(2, packet)])).toThrow('this session is over');
});

test('an unknown device is named', async () => {
  const session = await engineSubject().open(network);
  expect(() => session.feed([arrives(8, packet, 'tunl9')])).toThrow('event 8 arrives on device tunl9');
});
