/** IPv6 packets and their bytes: both directions, chains of extension headers, and addresses as text. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Extension, Ipv6, Packet } from '../../spec/trace/packet.ts';
import { decode, encode } from './index.ts';

fc.configureGlobal({ seed: 8200 });

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const [SOURCE, DESTINATION] = ['fd000000000000000000000000000001', '20010db8000000000000000000000009'];
/** Class 0xb8, label 0x12345, and a length, a next header, a hop limit. */
const header = (length: number, next: number): string =>
  `6b812345${length.toString(16).padStart(4, '0')}${next.toString(16).padStart(2, '0')}40${SOURCE}${DESTINATION}`;

const packetOf = (hex: string): Ipv6 => {
  const packet = decode(bytesOf(hex));
  if (packet.kind !== 'ipv6') throw new Error(packet.kind);
  return packet;
};

/** [fd00::1]:53 > [2001:db8::9]:4660 "hi!", written out by hand; its checksum, and that of the echo below, come from another implementation. */
const UDP = '00351234000b3942686921';

test('a datagram, its fields in the order of their types', () => {
  const packet: Ipv6 = {
    kind: 'ipv6',
    source: 'fd00::1',
    destination: '2001:db8::9',
    trafficClass: 0xb8,
    flowLabel: 0x12345,
    hopLimit: 64,
    extensions: [],
    protocol: 17,
    length: 'right',
    payload: { kind: 'udp', sourcePort: 53, destinationPort: 4660, length: 'right', checksum: 'right', payload: '686921' },
    trailer: '',
  };
  expect(JSON.stringify(packetOf(header(11, 17) + UDP))).toBe(JSON.stringify(packet));
  expect(hexOf(encode(packet))).toBe(header(11, 17) + UDP);
});

test('a chain of all headers, the fragment header of a whole datagram among them', () => {
  const chain = ['3c00010400000000', '2b0001040000abcd', '2c00000000000000', '33ff000600000007', '11020000000000000000000000000000'].join('');
  const packet = packetOf(header(59, 0) + chain + UDP);
  expect(packet.extensions).toEqual([
    { kind: 'hop-by-hop', data: '010400000000' },
    { kind: 'destination-options', data: '01040000abcd' },
    { kind: 'routing', data: '000000000000' },
    { kind: 'fragment', id: 7, offset: 0, mf: false, reserved: 0x3ff },
    { kind: 'authentication', data: '0000000000000000000000000000' },
  ]);
  expect(packet).toMatchObject({ protocol: 17, payload: { kind: 'udp', checksum: 'right' } });
});

test.each<[string, number, string, Partial<Ipv6>]>([
  ['more fragments', 44, '3c00000100000007aabb', { protocol: 60, payload: { kind: 'opaque', bytes: 'aabb', why: 'fragment' } }],
  ['an offset', 44, '1100000800000007aabb', { protocol: 17, payload: { kind: 'opaque', bytes: 'aabb', why: 'fragment' } }],
  ['a header of one byte', 60, '11', { protocol: 60, payload: { kind: 'opaque', bytes: '11', why: 'short' } }],
  ['a header that claims more than there is', 60, '1101000000000000', { protocol: 60, payload: { kind: 'opaque', bytes: '1101000000000000', why: 'header-length' } }],
  ['a fragment header cut off', 44, '11000000', { protocol: 44, payload: { kind: 'opaque', bytes: '11000000', why: 'header-length' } }],
  ['nothing follows', 59, 'aabb', { protocol: 59, payload: { kind: 'opaque', bytes: 'aabb', why: 'protocol' } }],
  ["the other version's ICMP", 1, '0800f7ff00000000', { protocol: 1, payload: { kind: 'opaque', bytes: '0800f7ff00000000', why: 'protocol' } }],
])('a chain ends with %s', (_, next, bytes, expected) => {
  expect(packetOf(header(bytes.length / 2, next) + bytes)).toMatchObject(expected);
});

test('a length beyond the bytes is claimed, and nothing is read; one below leaves a trailer', () => {
  expect(packetOf(header(12, 60) + UDP)).toMatchObject({ length: { claimed: 12 }, extensions: [], protocol: 60, payload: { bytes: UDP, why: 'length' } });
  expect(packetOf(header(8, 17) + UDP)).toMatchObject({ length: 'right', trailer: '686921', payload: { length: { claimed: 11 } } });
  expect(packetOf(header(0, 17) + UDP)).toMatchObject({ length: 'right', trailer: UDP, payload: { bytes: '', why: 'short' } });
});

test('ICMPv6 has a checksum over its addresses', () => {
  const echo = packetOf(header(8, 58) + '8000000000070001');
  const right: Ipv6 = { ...echo, payload: { kind: 'icmp', type: 128, code: 0, checksum: 'right', identifier: 7, sequence: 1, payload: '' } };
  expect(echo.payload).toMatchObject({ kind: 'icmp', checksum: { wrong: 0 } });
  expect(hexOf(encode(right)).slice(84, 88)).toBe('54f1');
  expect(decode(encode(right))).toEqual(right);
});

test('addresses are written as RFC 5952 has it', () => {
  const texts: readonly (readonly [string, string])[] = [
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['00010000000000000000000000000000', '1::'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['00000000000000000000ffff0a000001', '::ffff:a00:1'],
  ];
  for (const [hex, text] of texts) {
    const packet = packetOf(`60000000000011ff${hex}${DESTINATION}`);
    expect(packet.source).toBe(text);
    expect(hexOf(encode({ ...packet })).slice(16, 48)).toBe(hex);
  }
  const packet = packetOf(header(0, 17));
  for (const source of ['', ':', ':::', '1', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '::0', 'FD00::1', 'fd00:0::1', '10.0.0.1', '1::2::3', '00::1', '1:2:3:4:5:6:7::', 'g::1', 'fd00::1%0']) {
    expect(() => encode({ ...packet, source }), source).toThrow('is no IPv6 address');
  }
});

test.each<[string, Partial<Ipv6>]>([
  ['IPv6 hop limit is 256', { hopLimit: 256 }],
  ['IPv6 flow label is 1048576', { flowLabel: 2 ** 20 }],
  ['IPv6 traffic class is 256', { trafficClass: 256 }],
  ['IPv6 hop-by-hop has 7 bytes', { extensions: [{ kind: 'hop-by-hop', data: '00'.repeat(7) }] }],
  ['IPv6 routing has 2054 bytes', { extensions: [{ kind: 'routing', data: '00'.repeat(2054) }] }],
  ['IPv6 fragment offset is 4', { extensions: [{ kind: 'fragment', id: 1, offset: 4, mf: true, reserved: 0 }] }],
  ['IPv6 fragment offset is 65536', { extensions: [{ kind: 'fragment', id: 1, offset: 65_536, mf: true, reserved: 0 }] }],
])('%s is refused', (text, change) => {
  const packet = { ...packetOf(header(0, 17)), ...change };
  expect(() => encode(packet)).toThrow(RangeError);
  expect(() => encode(packet)).toThrow(text);
});

const hex = (constraints: fc.IntArrayConstraints): fc.Arbitrary<string> => fc.uint8Array(constraints).map(hexOf);
const octet = fc.nat(255);
const data = (unit: number) => fc.nat(3).chain((units) => hex({ minLength: 6 + units * unit, maxLength: 6 + units * unit }));
const extension: fc.Arbitrary<Extension> = fc.oneof(
  fc.record({ kind: fc.constantFrom('hop-by-hop' as const, 'routing' as const, 'destination-options' as const), data: data(8) }),
  fc.record({ kind: fc.constant('authentication' as const), data: data(4) }),
  fc.record({ kind: fc.constant('fragment' as const), id: fc.nat(0xffffffff), offset: fc.oneof(fc.constant(0), fc.nat(8191).map((units) => units * 8)), mf: fc.boolean(), reserved: fc.nat(1023) }),
);
const address = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 }).map((words) => packetOf(`60000000000011ff${words.map((word) => word.toString(16).padStart(4, '0')).join('')}${DESTINATION}`).source);
const ipv6 = fc.record({
  kind: fc.constant('ipv6' as const),
  source: address,
  destination: address,
  trafficClass: octet,
  flowLabel: fc.nat(0xfffff),
  hopLimit: octet,
  extensions: fc.array(extension, { maxLength: 4 }),
  protocol: fc.oneof(fc.constantFrom(0, 6, 17, 43, 44, 51, 58, 59, 60), octet),
  length: fc.oneof(fc.constant('right' as const), fc.record({ claimed: fc.oneof(fc.nat(80), fc.nat(0xffff)) })),
  payload: fc.record({ kind: fc.constant('opaque' as const), bytes: hex({ maxLength: 64 }), why: fc.constant('protocol' as const) }),
  trailer: hex({ maxLength: 20 }),
});
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 90 }).map((bytes) => Uint8Array.from(bytes, (byte, place) => (place === 0 ? 0x60 | (byte & 15) : byte))),
  ipv6.map((packet) => encode(packet)),
  fc.tuple(ipv6, fc.nat(140)).map(([packet, cut]) => encode(packet).slice(0, cut)),
);

test('encode(decode(b)) is b, and what decode gives is canonical', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const packet: Packet = structuredClone(decode(bytes));
      expect(hexOf(encode(packet))).toBe(hexOf(bytes));
      expect(structuredClone(decode(encode(packet)))).toEqual(packet);
    }),
    { numRuns: 5000 },
  );
});
