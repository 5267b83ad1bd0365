import { expect, test } from 'vitest';
import { connect, type Connection } from './connection.ts';
import { control } from './control.ts';
import { DEFAULT_TCP } from './tcp/settings.ts';
import { DEFAULT_TIMEOUTS } from './timeouts.ts';
import type { Command } from './trace/event.ts';
import type { Tuple } from './tuple.ts';
import type { Zone } from './zone.ts';

const network = { devices: [], tenants: [], timeouts: DEFAULT_TIMEOUTS, tcp: DEFAULT_TCP, fragments: { distance: 0, memoryBytes: 0 } };
const tuple: Tuple = { source: '10.0.0.1', destination: '192.0.2.9', protocol: 17, sourcePort: 1000, destinationPort: 53 };
const answer: Tuple = { source: '192.0.2.9', destination: '10.0.0.1', protocol: 17, sourcePort: 53, destinationPort: 1000 };
const other: Tuple = { ...tuple, sourcePort: 7 };
const error: Tuple = { ...tuple, protocol: 1, sourcePort: 0, destinationPort: 3 << 8 };
const both = (id: number): Zone => ({ id, counts: 'both' });
const inZone = (label: number, zone?: Zone): Connection => ({ ...connect(label, tuple, answer, zone, 0), expiresMs: 5500 });
const table = { connections: [inZone(1), inZone(2, both(0xffff)), inZone(3, { id: 5, counts: 'original' })], nextLabel: 4 };
const create = { command: 'create', original: other, reply: { ...answer, destinationPort: 7 }, timeoutMs: 1 } as const;

const SCTP_INFO = { kind: 'sctp', state: 'established', tags: { original: 1, reply: 2 } } as const;

/** [command, rules, labels left, labels listed or what else is told] */
test.each<[Command, string, readonly number[], unknown]>([
  [{ command: 'flush' }, 'control.flush-all', [], 'done'],
  [{ command: 'flush', zone: 0 }, 'control.flush-zone', [2, 3], 'done'],
  [{ command: 'flush', zone: 5 }, 'control.flush-zone', [1, 2], 'done'],
  [{ command: 'flush', zone: 255 }, 'control.flush-zone', [1, 2, 3], 'done'],
  [{ command: 'dump' }, 'control.dump', [1, 2, 3], [1, 2, 3]],
  [{ command: 'dump', zone: 0 }, 'control.dump', [1, 2, 3], [1]],
  [{ command: 'get', tuple, zone: both(0xffff) }, 'control.found', [1, 2, 3], [2]],
  [{ command: 'get', tuple: answer, zone: both(0xffff) }, 'control.found', [1, 2, 3], [2]],
  [{ command: 'get', tuple, zone: both(5) }, 'control.found', [1, 2, 3], [3]],
  [{ command: 'get', tuple: answer, zone: both(5) }, 'control.missing', [1, 2, 3], 'missing'],
  [{ command: 'get', tuple, zone: both(1) }, 'control.missing', [1, 2, 3], 'missing'],
  [{ command: 'get', tuple: error }, 'control.no-connection', [1, 2, 3], 'invalid'],
  [{ command: 'delete', tuple: error }, 'control.no-connection', [1, 2, 3], 'invalid'],
  [{ command: 'delete', tuple: other }, 'control.missing', [1, 2, 3], 'missing'],
  [{ command: 'delete', tuple, zone: both(0xffff) }, 'control.found control.deleted', [1, 3], 'done'],
  [create, 'control.created', [1, 2, 3, 4], 'done'],
  [{ ...create, original: tuple }, 'control.exists', [1, 2, 3], 'exists'],
  [{ ...create, reply: answer }, 'control.exists', [1, 2, 3], 'exists'],
  [{ ...create, reply: { ...answer, protocol: 6 } }, 'control.two-protocols', [1, 2, 3], 'invalid'],
  [{ ...create, original: tuple, reply: { ...answer, protocol: 6 } }, 'control.exists', [1, 2, 3], 'exists'],
  [{ ...create, reply: error }, 'control.no-connection', [1, 2, 3], 'invalid'],
  [{ ...create, original: { ...other, protocol: 50 }, reply: { ...answer, protocol: 50 } }, 'control.no-ports control.created', [1, 2, 3, 4], 'done'],
  [{ ...create, protoinfo: SCTP_INFO }, 'control.created control.protoinfo-of-another', [1, 2, 3, 4], 'done'],
  [{ ...create, original: { ...other, protocol: 132 }, reply: { ...answer, protocol: 132 }, protoinfo: SCTP_INFO }, 'control.created control.protoinfo', [1, 2, 3, 4], 'done'],
  [{ command: 'get', tuple: { ...tuple, source: 'fd00::1' } }, 'control.two-versions', [1, 2, 3], 'invalid'],
  [{ ...create, original: { ...tuple, source: 'fd00::1', destination: 'fd00::2' } }, 'control.two-versions', [1, 2, 3], 'invalid'],
  [{ command: 'resize', buckets: 1 }, 'control.resize', [1, 2, 3], 'done'],
])('%j', (command, rules, left, expected) => {
  const after = control(table, { kind: 'control', id: 1, ...command }, 1000, network);
  expect([after.rules.join(' '), after.table.connections.map(({ label }) => label)]).toEqual([rules, left]);
  const { told } = after;
  expect(told.kind === 'list' ? told.connections.map(({ connection }) => connection) : 'why' in told ? told.why : told.kind).toEqual(expected);
});

test('a list tells what is known, and counts whole seconds', () => {
  const { told } = control(table, { kind: 'control', id: 1, command: 'get', tuple }, 1000, network);
  expect(told).toEqual({
    kind: 'list',
    connections: [{ connection: 1, zone: 0, original: tuple, reply: answer, seenReply: false, assured: false, confirmed: true, seconds: 4 }],
  });
});
