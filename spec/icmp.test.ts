/** ICMP by itself: tuples that have an inverse, quotes, and what an error is related to. */
import { expect, test } from 'vitest';
import { connect } from './connection.ts';
import { readQuote } from './quote.ts';
import { relate } from './related.ts';
import { resolveError } from './trace/error.ts';
import { type Ipv4, ipv4, ipv6, slice } from './trace/packet.ts';
import type { Icmp } from './trace/transport.ts';
import { icmpPorts, inverse, tupleOf } from './tuple.ts';
import { writeHeader } from './wire/ipv4.ts';
import { writeTransport } from './wire/transport.ts';
import type { Zone } from './zone.ts';

const ends = { source: '10.0.0.1', destination: '192.0.2.9' };
const message = (fields: Partial<Icmp> = {}): Ipv4 =>
  ipv4({ ...ends, payload: { kind: 'icmp', type: 8, code: 0, checksum: 'right', identifier: 7, sequence: 1, payload: '', ...fields } });
const tuple = (type: number, code = 0) => tupleOf({ ...ends, protocol: 1 }, icmpPorts({ identifier: 7, type, code }));
const zone = (id: number): Zone => ({ id, counts: 'both' });

test('exactly requests and answers have an inverse, with the same identifier and code', () => {
  const types = Array.from({ length: 256 }, (_, type) => type);
  expect(types.filter((type) => inverse(tuple(type)))).toEqual([0, 8, 13, 14, 15, 16, 17, 18]);
  expect(inverse(tuple(13, 9))).toEqual({ source: '192.0.2.9', destination: '10.0.0.1', protocol: 1, sourcePort: 7, destinationPort: 14 * 256 + 9 });
  for (const type of [0, 8, 13, 14, 15, 16, 17, 18]) expect(inverse(inverse(tuple(type)) ?? tuple(1))).toEqual(tuple(type));
});

const quoted = writeHeader(message()) + writeTransport(message());
/** The quote with other bytes from a place on. */
const patched = (at: number, bytes: string): string => slice(quoted, 0, at) + bytes + slice(quoted, at + bytes.length / 2);

test.each<[string, string, string]>([
  ['whole', quoted, 'quote.tuple'],
  ['with more', `${quoted}00`, 'quote.tuple'],
  ['one byte short of an ICMP header', slice(quoted, 0, 27), 'quote.short'],
  ['a header only', slice(quoted, 0, 20), 'quote.short'],
  ['less than a header', slice(quoted, 0, 19), 'quote.short'],
  ['nothing', '', 'quote.short'],
  ['of UDP, its ports only', slice(patched(9, '11'), 0, 24), 'quote.tuple'],
  ['of UDP, less than its ports', slice(patched(9, '11'), 0, 23), 'quote.short'],
  ['a header that claims to be longer than all', patched(0, '4f'), 'quote.short'],
  ['a header that claims to be shorter than it is', patched(0, '40'), 'quote.tuple'],
  ['of another version', patched(0, '65'), 'quote.tuple'],
  ['with a wrong checksum and length', patched(2, 'ffff'), 'quote.tuple'],
  ['a first fragment', patched(6, '2000'), 'quote.tuple'],
  ['a later fragment', patched(6, '0001'), 'quote.fragment'],
])('a quote %s', (_, bytes, rule) => {
  expect(readQuote(message(), bytes).rule).toBe(rule);
});

test('an error is related in its zone only, towards the sender of what it quotes', () => {
  const reply = inverse(tuple(8))!;
  const table = [connect(4, tuple(8), reply, zone(1), 0)];
  const about = (sent: typeof reply, to: string, id: number) => relate(table, { rule: 'quote.tuple', tuple: sent }, to, zone(id));
  expect(about(tuple(8), '10.0.0.1', 1)).toMatchObject({ rules: ['quote.tuple', 'related.reply-half'], found: { direction: 'reply' } });
  expect(about(reply, '192.0.2.9', 1)).toMatchObject({ rules: ['quote.tuple', 'related.original-half'], found: { direction: 'original' } });
  expect(about(tuple(8), '10.0.0.1', 2)).toEqual({ rules: ['quote.tuple', 'related.nothing'] });
  expect(about(tuple(8), '10.0.0.2', 1)).toEqual({ rules: ['quote.tuple', 'related.destination'] });
  expect(about(tuple(3), '10.0.0.1', 1)).toEqual({ rules: ['quote.tuple', 'related.no-inverse'] });
});

test('an error event quotes what left, from the host for "port unreachable" and from a router otherwise', () => {
  const left = [{ device: 'out', pieces: [message({ payload: '00'.repeat(40) })] }];
  const error = (type: number, code: number) => resolveError({ kind: 'error', id: 2, to: 1, type, code }, { event: 1, passes: [], left });
  expect(error(3, 3)).toMatchObject({ device: 'out', packet: { source: '192.0.2.9', destination: '10.0.0.1', payload: { kind: 'icmp', type: 3, code: 3 } } });
  expect(error(11, 0)).toMatchObject({ packet: { source: '198.51.100.254' } });
  const { packet } = error(3, 3) ?? {};
  expect(packet?.kind === 'ipv4' && packet.payload.kind === 'icmp' && readQuote(packet, packet.payload.payload).tuple).toEqual(tuple(8));
  expect(resolveError({ kind: 'error', id: 2, to: 1, type: 3, code: 3 }, { event: 1, passes: [], left: [] })).toBeUndefined();
});

const piece = (id: number, offset: number, mf: boolean) =>
  ipv6({ source: 'fd00::1', destination: 'fd00::2', protocol: 17, extensions: [{ kind: 'fragment', id, offset, mf, reserved: 0 }], payload: { kind: 'opaque', bytes: '0102030405060708', why: 'fragment' } });

test('an error is the same packet whatever identification IPv6 pieces leave with', () => {
  const [five, six] = [5, 6].map((id) =>
    resolveError({ kind: 'error', id: 3, to: 2, type: 1, code: 0 }, { event: 2, passes: [], left: [{ device: 'b', pieces: [piece(id, 0, true), piece(id, 8, false)] }] }),
  );
  expect(five).toBeDefined();
  expect(five).toEqual(six);
});
