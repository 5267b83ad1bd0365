/** Control of the engine: what it ends, what it lists, and that its memory is whole afterwards. */
import { expect, test } from 'vitest';
import type { Tuple } from '../../spec/tuple.ts';
import { createAddresses } from './addresses.ts';
import { begin, confirm, createConnections, expireConnections, findHalf, type Key, resize } from './connections.ts';
import { create, dump, flush, get, remove } from './control.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { inUse, NONE } from './pool.ts';
import { swapped } from './ports.ts';

const tuple: Tuple = { source: '10.0.0.1', destination: '192.0.2.255', protocol: 17, sourcePort: 65_535, destinationPort: 53 };
const answer: Tuple = { source: '192.0.2.255', destination: '10.0.0.1', protocol: 17, sourcePort: 53, destinationPort: 65_535 };
const ports = (65_535 << 16) | 53;
const keyIn = (zone: number): Key => ({ family: 0, source: 0x0a000001, destination: 0xc00002ff | 0, ports, replyPorts: swapped(ports), protocol: 17, zone, replyZone: zone, assigned: zone });

const tableOf = (...zones: readonly number[]) => {
  const table = createConnections(8, 1, createAddresses({ ...DEFAULT_LIMITS, connectionsMax: 8, queuesMax: 1, hashSeed: 1 }));
  for (const [index, zone] of zones.entries()) confirm(table, begin(table, index + 1, 0), keyIn(zone), 5000);
  return table;
};
const labels = (told: ReturnType<typeof dump>) => (told.kind === 'list' ? told.connections.map(({ connection }) => connection) : told);

test('a list tells tuples as they came, and the zone and time of each', () => {
  const table = tableOf(0, 65_535);
  expect(dump(table, 65_535, 1001)).toEqual({
    kind: 'list',
    connections: [{ connection: 2, zone: 65_535, original: tuple, reply: answer, seenReply: false, assured: false, confirmed: true, seconds: 3 }],
  });
  expect([labels(dump(table, undefined, 0)), labels(dump(table, 0, 0)), labels(dump(table, 1, 0))]).toEqual([[1, 2], [1], []]);
});

test('a flush of a zone ends what is in it, and gives its memory back', () => {
  const table = tableOf(1, 257, 0);
  flush(table, 1);
  expect([labels(dump(table, undefined, 0)), inUse(table.pool), table.halves.used]).toEqual([[2, 3], 2, 4]);
  flush(table, 0);
  expireConnections(table, 5000);
  expect([inUse(table.pool), table.halves.used]).toEqual([0, 0]);
});

test('either half will do, in its zone only', () => {
  const table = tableOf(7);
  expect(get(table, tuple, 8, 0)).toEqual({ kind: 'refused', why: 'missing' });
  expect([labels(get(table, tuple, 7, 0)), labels(get(table, answer, 7, 0))]).toEqual([[1], [1]]);
  expect(remove(table, answer, 7)).toEqual({ kind: 'done' });
  expect(remove(table, tuple, 7)).toEqual({ kind: 'refused', why: 'missing' });
});

test('what was created has both its halves, and goes in time', () => {
  const table = tableOf(1);
  const made = { original: tuple, reply: { ...answer, sourcePort: 9 }, zone: 2, timeoutMs: 10 };
  expect(create(table, made, 7, 0)).toEqual({ kind: 'done' });
  expect(create(table, { ...made, original: { ...tuple, sourcePort: 9 } }, 8, 0)).toEqual({ kind: 'refused', why: 'exists' });
  expect(create(table, { ...made, original: { ...tuple, protocol: 6 } }, 8, 0)).toEqual({ kind: 'refused', why: 'invalid' });
  expect(labels(get(table, made.reply, 2, 0))).toEqual([7]);
  expireConnections(table, 10);
  expect([findHalf(table, keyIn(2)), table.halves.used]).toEqual([NONE, 2]);
});

test('two halves of one key are one key', () => {
  const table = tableOf();
  create(table, { original: tuple, reply: tuple, zone: 0, timeoutMs: 10 }, 1, 0);
  expect([findHalf(table, keyIn(0)), table.halves.used]).toEqual([1, 1]);
  expect(remove(table, tuple, 0)).toEqual({ kind: 'done' });
  expect([inUse(table.pool), table.halves.used]).toEqual([0, 0]);
});

test('over IPv6 a connection uses the addresses of both its halves for as long as it lives', () => {
  const table = tableOf();
  const there: Tuple = { source: 'fd00::1', destination: '2001:db8::9', protocol: 50, sourcePort: 5, destinationPort: 7 };
  const back: Tuple = { source: 'fd00::3', destination: 'fd00::1', protocol: 50, sourcePort: 0, destinationPort: 0 };
  expect(create(table, { original: there, reply: back, zone: 1, timeoutMs: 10 }, 1, 0)).toEqual({ kind: 'done' });
  expect(inUse(table.addresses.pool)).toBe(3);
  expect(get(table, { ...there, destinationPort: 9 }, 1, 0)).toMatchObject({ connections: [{ original: { ...there, sourcePort: 0, destinationPort: 0 }, reply: back }] });
  expect(get(table, { ...back, source: 'fd00::4' }, 1, 0)).toEqual({ kind: 'refused', why: 'missing' });
  expect(get(table, { ...there, destination: '10.0.0.1' }, 1, 0)).toEqual({ kind: 'refused', why: 'invalid' });
  flush(table, undefined);
  expect([inUse(table.pool), table.halves.used, inUse(table.addresses.pool)]).toEqual([0, 0, 0]);
});

test('an ICMP message that has no other half names nothing', () => {
  const error: Tuple = { ...tuple, protocol: 1, destinationPort: 3 << 8 };
  const table = tableOf(0);
  expect([get(table, error, 0, 0), remove(table, error, 0)]).toEqual(Array.from({ length: 2 }, () => ({ kind: 'refused', why: 'invalid' })));
});

test('whatever its size, an index finds what is in it', () => {
  const table = tableOf(1, 2, 3, 4, 5, 6, 7, 8);
  for (const slots of [1, 1000, 9, 2 ** 40, 1]) {
    resize(table, slots);
    expect([1, 2, 3, 4, 5, 6, 7, 8].map((zone) => findHalf(table, keyIn(zone)))).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
    expect(findHalf(table, keyIn(9))).toBe(NONE);
  }
});
