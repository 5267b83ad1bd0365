/** The table of connections: halves, its limit, and that nothing stays behind. */
import { expect, test } from 'vitest';
import { createAddresses } from './addresses.ts';
import { begin, clearConnections, confirm, createConnections, expireConnections, findHalf, insertConnection, type Key, ORIGINAL_ONLY, REPLY_ONLY, setZone } from './connections.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { inUse, NONE } from './pool.ts';
import { swapped } from './ports.ts';

const key = (changes: Partial<Key> = {}): Key => {
  const ports = changes.ports ?? (5 << 16) | 6;
  const zone = changes.zone ?? 3;
  return { family: 0, source: 1, destination: 2, replyPorts: swapped(ports), protocol: 17, replyZone: zone, assigned: zone, ...changes, zone, ports };
};
const inverse = (changes: Partial<Key> = {}): Key => key({ source: 2, destination: 1, ports: (6 << 16) | 5, ...changes });

const connectionsOf = (connectionsMax: number, hashSeed: number) =>
  createConnections(connectionsMax, hashSeed, createAddresses({ ...DEFAULT_LIMITS, connectionsMax, queuesMax: 1, hashSeed }));

/** A connection from now on, in the table; or NONE. */
const add = (table: ReturnType<typeof createConnections>, at: Key, label: number, nowMs: number, timeoutMs: number): number => {
  const connection = begin(table, label, nowMs);
  if (connection !== NONE) confirm(table, connection, at, nowMs + timeoutMs);
  return connection;
};

test('a connection is found by both its tuples in its zone, and by nothing else', () => {
  const table = connectionsOf(4, 1);
  expect(add(table, key(), 1, 0, 10)).toBe(0);
  expect([findHalf(table, key()), findHalf(table, inverse())]).toEqual([0, 1]);
  for (const other of [{ source: 9 }, { destination: 9 }, { ports: 9 }, { protocol: 6 }, { zone: 4 }, { zone: 0 }, { family: 1 }]) {
    expect(findHalf(table, key(other))).toBe(NONE);
  }
});

test('high ports survive being turned round', () => {
  const table = connectionsOf(4, 1);
  add(table, key({ ports: (0xffff << 16) | 0x8001 }), 1, 0, 10);
  expect(findHalf(table, inverse({ ports: (0x8001 << 16) | 0xffff }))).toBe(1);
});

test('a tuple that is its own inverse is answered by the reply half, and goes as it came', () => {
  const table = connectionsOf(4, 1);
  const self = key({ destination: 1, ports: (5 << 16) | 5 });
  add(table, self, 1, 0, 10);
  expect(findHalf(table, self)).toBe(1);
  expireConnections(table, 10);
  expect(findHalf(table, self)).toBe(NONE);
  expect([table.halves.used, inUse(table.pool)]).toEqual([0, 0]);
});

/** The key in a zone that counts in one direction. */
const directed = (at: Key, assigned: number): Key => {
  setZone(at, assigned);
  return at;
};
const near = (assigned: number) => directed(key(), assigned);
const far = (assigned: number) => directed(inverse(), assigned);

test('a zone that counts in one direction is asked for by both its ids, and halves stand behind each other', () => {
  const table = connectionsOf(4, 1);
  expect(insertConnection(table, begin(table, 1, 0), near(7 | ORIGINAL_ONLY), far(0), 10)).toBe(true);
  expect([findHalf(table, near(7)), findHalf(table, near(0)), findHalf(table, far(0)), findHalf(table, far(7))]).toEqual([0, NONE, 1, NONE]);
  // Its original half is the first one's reply, in zone 0 both: the later one is first in zone 0, the original half in a directed zone.
  expect(insertConnection(table, begin(table, 2, 0), far(8 | REPLY_ONLY), near(0), 20)).toBe(true);
  expect([findHalf(table, far(0)), findHalf(table, far(9 | REPLY_ONLY)), findHalf(table, far(9 | ORIGINAL_ONLY)), findHalf(table, near(8))]).toEqual([2, 2, 1, 3]);
  // In zone 0 both halves are another's, in zone 9 for the original direction the reply half.
  expect(insertConnection(table, begin(table, 3, 0), far(0), near(0), 10)).toBe(false);
  expect(insertConnection(table, 2, near(9 | ORIGINAL_ONLY), far(0), 10)).toBe(false);
  expireConnections(table, 10);
  expect([findHalf(table, far(0)), findHalf(table, far(9 | ORIGINAL_ONLY))]).toEqual([2, NONE]);
  expireConnections(table, 20);
  expect(table.halves.used).toBe(0);
});

test('the half in front goes, and the one behind is found', () => {
  const table = connectionsOf(4, 1);
  insertConnection(table, begin(table, 1, 0), near(7 | ORIGINAL_ONLY), far(0), 20);
  insertConnection(table, begin(table, 2, 0), far(8 | REPLY_ONLY), near(0), 10);
  expireConnections(table, 10);
  expect([findHalf(table, far(0)), findHalf(table, near(7))]).toEqual([1, 0]);
});

test('a full table takes no more until something expires', () => {
  const table = connectionsOf(2, 1);
  expect(add(table, key({ zone: 1 }), 1, 0, 10)).toBe(0);
  expect(add(table, key({ zone: 2 }), 2, 0, 20)).toBe(1);
  expect(add(table, key({ zone: 3 }), 3, 0, 10)).toBe(NONE);
  expect(findHalf(table, key({ zone: 3 }))).toBe(NONE);
  expireConnections(table, 10);
  expect(add(table, key({ zone: 3 }), 4, 10, 10)).toBe(0);
  expect([1, 2, 3].map((zone) => findHalf(table, key({ zone })))).toEqual([NONE, 2, 0]);
});

test('one tuple in every zone: 65536 connections, each found, and none after clearing', () => {
  const table = connectionsOf(65_536, 1);
  for (let zone = 0; zone < 65_536; zone++) add(table, key({ zone }), zone, 0, 10);
  for (let zone = 0; zone < 65_536; zone++) {
    if (findHalf(table, inverse({ zone })) !== zone * 2 + 1) expect.fail(`zone ${zone}`);
  }
  clearConnections(table);
  for (let zone = 0; zone < 65_536; zone += 997) expect(findHalf(table, key({ zone }))).toBe(NONE);
  expect(table.halves.slots.every((word, place) => place % 2 === 1 || word === 0)).toBe(true);
});
