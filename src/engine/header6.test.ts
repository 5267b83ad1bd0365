/** IPv6 headers in the engine: what is admitted, and the way through extension headers. */
import { expect, test } from 'vitest';
import { createHeader } from './header.ts';
import { admit6, findFragment, findProtocol } from './header6.ts';
import { host6, ip6 } from './test/packets.ts';

const header = createHeader();
const LOOPBACK = [...Array.from({ length: 15 }, () => 0), 1];
const group = (scope: number): readonly number[] => [0xff, scope, ...host6(5).slice(2)];
const hopByHop = (...options: readonly number[]): Uint8Array => ip6({ next: 0, payload: [59, (options.length + 2) / 8 - 1, ...options] });

test.each([
  ['any packet', ip6({}), true],
  ['39 bytes', ip6({}).subarray(0, 39), false],
  ['less than its length', ip6({ payload: [1, 2] }).subarray(0, 41), false],
  ['from loopback', ip6({ source: LOOPBACK }), false],
  ['to loopback', ip6({ destination: LOOPBACK }), false],
  ['from a group', ip6({ source: group(14) }), false],
  ['to a group of its interface', ip6({ destination: group(1) }), false],
  ['to a group of its link', ip6({ destination: group(2) }), true],
  ['six bytes of padding', hopByHop(0, 0, 0, 0, 0, 0), true],
  ['padding that is not zero', hopByHop(1, 4, 0, 0, 0, 1), false],
  ['an option that goes on behind the end', hopByHop(1, 5, 0, 0, 0, 0), false],
  ['unknown, skip', hopByHop(0x1e, 4, 1, 2, 3, 4), true],
  ['unknown, discard', hopByHop(0x5e, 4, 1, 2, 3, 4), false],
  ['a router alert', hopByHop(5, 2, 0, 0, 1, 0), true],
  ['eight bytes of padding', hopByHop(0x1e, 4, 1, 2, 3, 4, 1, 6, 0, 0, 0, 0, 0, 0), false],
])('admitted: %s', (_, bytes, admitted) => {
  expect(admit6(bytes, header)).toBe(admitted);
});

test('traffic class, hop limit and length are read where they stand', () => {
  expect(admit6(ip6({ trafficClass: 0xb9, hopLimit: 3, payload: [1], trailer: [2, 3] }), header)).toBe(true);
  expect(header).toMatchObject({ version: 6, tos: 0xb9, ttl: 3, totalLength: 41, df: false });
});

const protocolOf = (next: number, payload: readonly number[]) => {
  const bytes = ip6({ next, payload });
  header.totalLength = bytes.length;
  return findProtocol(bytes, header, next, 40) ? [header.protocol, header.headerLength] : 'none';
};
const EMPTY = [0, 0, 0, 0, 0, 0];

test.each([
  ['none', 17, [], [17, 40]],
  ['destination options', 60, [17, 0, ...EMPTY], [17, 48]],
  ['authentication counts in fours', 51, [17, 1, ...EMPTY, 0, 0, 0, 0], [17, 52]],
  ['a whole fragment', 44, [17, 0, 0, 6, 0, 0, 0, 0], [17, 48]],
  ['a fragment that is not the first', 44, [17, 0, 0, 8, 0, 0, 0, 0], 'none'],
  ['nothing', 59, [], 'none'],
  ['one byte', 60, [17], 'none'],
  ['beyond the end', 60, [17, 9], [17, 120]],
] as const)('the protocol behind: %s', (_, next, payload, found) => {
  expect(protocolOf(next, payload)).toEqual(found);
});

test('the first fragment header, and where it is named', () => {
  const bytes = ip6({ next: 60, payload: [44, 0, ...EMPTY, 44, 0, 0, 1, 0, 0, 0, 7, 17, 0, 0, 1, 0, 0, 0, 8] });
  header.totalLength = bytes.length;
  findFragment(bytes, header);
  expect([header.fragmentAt, header.nextAt]).toEqual([48, 40]);
  header.totalLength = 40;
  findFragment(bytes, header);
  expect(header.fragmentAt).toBe(0);
});
