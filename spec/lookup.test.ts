import { expect, test } from 'vitest';
import { connect } from './connection.ts';
import { lookup } from './lookup.ts';
import type { Tuple } from './tuple.ts';
import type { Zone } from './zone.ts';

const tuple: Tuple = { source: '10.0.0.1', destination: '192.0.2.9', protocol: 17, sourcePort: 1000, destinationPort: 53 };
const reply: Tuple = { source: '192.0.2.9', destination: '10.0.0.1', protocol: 17, sourcePort: 53, destinationPort: 1000 };
const self: Tuple = { source: '10.0.0.1', destination: '10.0.0.1', protocol: 17, sourcePort: 5, destinationPort: 5 };
const both = (id: number): Zone => ({ id, counts: 'both' });
const inZone = (zone: Zone | undefined, label = 1) => connect(label, tuple, reply, zone, 0);

test('equal tuples in different zones have different connections', () => {
  const table = [inZone(both(1), 1), inZone(both(257), 2), inZone(undefined, 3)];
  const labels = [both(1), both(257), undefined].map((zone) => {
    const found = lookup(table, tuple, zone);
    return 'connection' in found ? found.connection.label : undefined;
  });
  expect(labels).toEqual([1, 2, 3]);
  expect(lookup(table, tuple, both(256))).toEqual({ rule: 'lookup.nothing' });
});

test('no extension and an extension with id 0 answer each other', () => {
  expect(lookup([inZone(undefined)], tuple, both(0)).rule).toBe('lookup.original-half');
  expect(lookup([inZone(both(0))], reply, undefined).rule).toBe('lookup.reply-half');
});

test('the original half is established once a reply was seen, and new before', () => {
  expect(lookup([inZone(both(1))], tuple, both(1)).rule).toBe('lookup.original-half');
  expect(lookup([{ ...inZone(both(1)), seenReply: true }], tuple, both(1)).rule).toBe('lookup.original-half-answered');
});

test('a tuple that is its own inverse is answered by the reply half', () => {
  expect(lookup([connect(1, self, self, both(1), 0)], self, both(1)).rule).toBe('lookup.reply-half');
});

test('a directional zone counts in its own direction only', () => {
  const table = [inZone({ id: 5, counts: 'original' })];
  expect(lookup(table, tuple, both(5)).rule).toBe('lookup.original-half');
  expect(lookup(table, reply, both(5)).rule).toBe('lookup.nothing');
  expect(lookup(table, reply, undefined).rule).toBe('lookup.reply-half');
});
