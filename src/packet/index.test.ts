/** Packets and their bytes: both directions, the canonical form, and what cannot be expressed. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Ipv4, Packet } from '../../spec/trace/packet.ts';
import type { Udp } from '../../spec/trace/transport.ts';
import { addressToWord, decode, encode, wordToAddress } from './index.ts';

fc.configureGlobal({ seed: 791 });

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const decodeHex = (hex: string): Packet => decode(bytesOf(hex));

/** 10.0.0.1:53 > 10.0.0.2:4660 "hi!", written out by hand; tshark finds both checksums good. */
const DATAGRAM = '4500001f12344000401114980a0000010a00000200351234000b5003686921';

const UDP_PACKET: Udp = {
  kind: 'udp',
  sourcePort: 53,
  destinationPort: 4660,
  length: 'right',
  checksum: 'right',
  payload: '686921',
};

const PACKET: Ipv4 = {
  kind: 'ipv4',
  source: '10.0.0.1',
  destination: '10.0.0.2',
  tos: 0,
  id: 0x1234,
  reserved: false,
  df: true,
  mf: false,
  offset: 0,
  ttl: 64,
  protocol: 17,
  options: '',
  length: 'right',
  checksum: 'right',
  payload: UDP_PACKET,
  trailer: '',
};

const again = (packet: Packet): Packet => decode(encode(packet));

const withPayload = (payload: string): Ipv4 => ({ ...PACKET, payload: { ...UDP_PACKET, payload } });

/** Replaces bytes at an offset. */
const patch = (hex: string, at: number, by: string): string => hex.slice(0, at * 2) + by + hex.slice(at * 2 + by.length);

const ipv4OfHex = (hex: string): Ipv4 => {
  const packet = decodeHex(hex);
  if (packet.kind !== 'ipv4') throw new Error(packet.kind);
  return packet;
};

const udpOfHex = (hex: string): Udp => {
  const { payload } = ipv4OfHex(hex);
  if (payload.kind !== 'udp') throw new Error(payload.kind);
  return payload;
};

test('a datagram, its fields in the order of their types', () => {
  expect(JSON.stringify(decodeHex(DATAGRAM))).toBe(JSON.stringify(PACKET));
  expect(hexOf(encode(PACKET))).toBe(DATAGRAM);
});

test.each([
  ['', 'short'],
  [DATAGRAM.slice(0, 38), 'short'],
  [patch(DATAGRAM, 0, '55'), 'version'],
  [patch(DATAGRAM, 0, '65'), 'short'],
  [patch(DATAGRAM, 0, '44'), 'header-length'],
  [patch(DATAGRAM, 0, '48'), 'header-length'],
])('%s is raw: %s', (bytes, why) => {
  expect(JSON.stringify(decodeHex(bytes))).toBe(JSON.stringify({ kind: 'raw', bytes, why }));
});

test('the largest header that the bytes hold is one', () => {
  expect(ipv4OfHex(patch(DATAGRAM, 0, '47'))).toMatchObject({ options: DATAGRAM.slice(40, 56), payload: { why: 'short' } });
});

test.each([
  [0, { claimed: 0 }],
  [19, { claimed: 19 }],
  [20, 'right'],
  [31, 'right'],
  [32, { claimed: 32 }],
  [65535, { claimed: 65535 }],
])('total length %i', (total, length) => {
  const packet = ipv4OfHex(patch(DATAGRAM, 2, total.toString(16).padStart(4, '0')));
  expect(packet.length).toEqual(length);
  if (length === 'right') expect(packet.trailer).toBe(DATAGRAM.slice(total * 2));
  else expect(packet).toMatchObject({ payload: { kind: 'opaque', bytes: DATAGRAM.slice(40), why: 'length' }, trailer: '' });
});

test.each([
  ['2000', { mf: true, offset: 0 }],
  ['0001', { mf: false, offset: 8 }],
  ['ffff', { reserved: true, df: true, mf: true, offset: 65528 }],
])('flags and offset %s make a fragment, whose payload is opaque', (flags, fields) => {
  const payload = { kind: 'opaque', bytes: DATAGRAM.slice(40), why: 'fragment' };
  expect(ipv4OfHex(patch(DATAGRAM, 6, flags))).toMatchObject({ ...fields, payload });
});

test('why a payload is opaque: its length before a fragment before its protocol before its size', () => {
  const other = patch(DATAGRAM, 9, '2f');
  expect(ipv4OfHex(other).payload).toMatchObject({ why: 'protocol' });
  expect(ipv4OfHex(patch(other, 6, '2000')).payload).toMatchObject({ why: 'fragment' });
  expect(ipv4OfHex(patch(patch(other, 6, '2000'), 2, '0000')).payload).toMatchObject({ why: 'length' });
  expect(ipv4OfHex(patch(DATAGRAM, 2, '001b')).payload).toEqual({ kind: 'opaque', bytes: DATAGRAM.slice(40, 54), why: 'short' });
});

test('checksums are right, wrong or, in UDP, none', () => {
  expect(ipv4OfHex(patch(DATAGRAM, 10, '0000')).checksum).toEqual({ wrong: 0 });
  expect(udpOfHex(patch(DATAGRAM, 26, '0000')).checksum).toBe('none');
  expect(udpOfHex(patch(DATAGRAM, 26, 'ffff')).checksum).toEqual({ wrong: 0xffff });
});

test('a UDP checksum that comes out as 0 is sent as ffff, which is then right', () => {
  // The checksum of a datagram with a zero word, put in place of that word, makes the sum all ones.
  const steering = hexOf(encode(withPayload('0000'))).slice(52, 56);
  const packet = withPayload(steering);
  expect(hexOf(encode(packet)).slice(52, 56)).toBe('ffff');
  expect(udpOfHex(hexOf(encode(packet))).checksum).toBe('right');
});

test('an IPv4 checksum of ffff where 0 is right is negative zero', () => {
  const { id } = PACKET;
  const steered = { ...PACKET, id: (id + Number.parseInt(hexOf(encode(PACKET)).slice(20, 24), 16)) & 0xffff };
  const bytes = hexOf(encode(steered));
  expect(bytes.slice(20, 24)).toBe('0000');
  expect(ipv4OfHex(patch(bytes, 10, 'ffff')).checksum).toBe('negative zero');
  expect(ipv4OfHex(patch(bytes, 10, '0001')).checksum).toEqual({ wrong: 1 });
});

test('a right UDP checksum covers all that IPv4 gives, also where the UDP length claims less', () => {
  const short = hexOf(encode({ ...PACKET, payload: { ...UDP_PACKET, length: { claimed: 8 } } }));
  expect(udpOfHex(short)).toMatchObject({ length: { claimed: 8 }, checksum: 'right', payload: '686921' });
  expect(udpOfHex(patch(short, 28, 'ff')).checksum).toHaveProperty('wrong');
});

test('a packet that is not canonical is written as it says, and read back canonical', () => {
  expect(again({ ...PACKET, payload: { ...UDP_PACKET, checksum: { wrong: 0 } } })).toMatchObject({ payload: { checksum: 'none' } });
  expect(again({ ...PACKET, payload: { ...UDP_PACKET, checksum: { wrong: 0x5003 } } })).toEqual(PACKET);
  expect(again({ ...PACKET, length: { claimed: 30 } })).toMatchObject({ length: 'right', trailer: '21' });
  expect(again({ ...PACKET, mf: true })).toMatchObject({ payload: { kind: 'opaque', why: 'fragment' } });
  expect(again({ kind: 'raw', bytes: DATAGRAM, why: 'short' })).toEqual(PACKET);
});

test.each<[string, Packet]>([
  ['IPv4 TTL is 256', { ...PACKET, ttl: 256 }],
  ['IPv4 id is 0.5', { ...PACKET, id: 0.5 }],
  ['IPv4 offset is 4', { ...PACKET, offset: 4 }],
  ['IPv4 offset is 65536', { ...PACKET, offset: 65536 }],
  ['IPv4 options have 2 bytes', { ...PACKET, options: '0101' }],
  ['IPv4 options have 44 bytes', { ...PACKET, options: '01'.repeat(44) }],
  ['IPv4 total length is 65536', { ...PACKET, payload: { ...UDP_PACKET, payload: '00'.repeat(65508) } }],
  ['IPv4 header checksum is 65536', { ...PACKET, checksum: { wrong: 65536 } }],
  ['UDP source port is -1', { ...PACKET, payload: { ...UDP_PACKET, sourcePort: -1 } }],
  ['UDP payload is not hexadecimal', { ...PACKET, payload: { ...UDP_PACKET, payload: '0g' } }],
  ['UDP payload is not hexadecimal', { ...PACKET, payload: { ...UDP_PACKET, payload: 'a' } }],
  ['IPv4 trailer is not hexadecimal', { ...PACKET, trailer: '000' }],
  ['raw is not hexadecimal', { kind: 'raw', bytes: 'x', why: 'short' }],
  ['"10.0.0.01" is no IPv4 address', { ...PACKET, source: '10.0.0.01' }],
])('%s is refused', (text, packet) => {
  expect(() => encode(packet)).toThrow(RangeError);
  expect(() => encode(packet)).toThrow(text);
});

test('addresses', () => {
  expect(addressToWord('10.0.0.1')).toBe(0x0a000001);
  expect(addressToWord('255.255.255.255')).toBe(0xffffffff);
  for (const text of ['', '1.2.3', '1.2.3.4.5', '256.0.0.0', '1.2.3.-4', '1.2.3. 4', '0x1.2.3.4', '1.2.3.', '1..2.3', '1e1.0.0.0']) {
    expect(() => addressToWord(text), text).toThrow('is no IPv4 address');
  }
  fc.assert(fc.property(fc.nat(0xffffffff), (word) => addressToWord(wordToAddress(word)) === word));
});

test('equal bytes are one packet, and a packet has one array of bytes', () => {
  expect(decodeHex(DATAGRAM)).toBe(decodeHex(DATAGRAM));
  expect(encode(PACKET)).toBe(encode(PACKET));
});

test('what is remembered has no tie to the bytes that were read', () => {
  const bytes = bytesOf(DATAGRAM);
  const before = decode(bytes);
  bytes[8] = 1;
  expect(decode(bytes)).toMatchObject({ ttl: 1 });
  expect(hexOf(encode(before))).toBe(DATAGRAM);
});

test.each([
  ['packets', 20_000, 0],
  ['bytes', 200, 60_000],
])('the memo is bounded in %s, and forgetting changes no packet', (_what, count, size) => {
  const packet = withPayload('00'.repeat(size));
  const first = decode(encode({ ...packet, id: 65535 }));
  for (let id = 0; id < count; id++) decode(encode({ ...packet, id }));
  const forgotten = decode(encode({ ...packet, id: 65535 }));
  expect(forgotten).not.toBe(first);
  expect(JSON.stringify(forgotten) === JSON.stringify(first)).toBe(true);
});

const hex = (constraints: fc.IntArrayConstraints): fc.Arbitrary<string> => fc.uint8Array(constraints).map(hexOf);
const u8 = fc.nat(255);
const u16 = fc.nat(65535);
const checksum = fc.oneof(fc.constant('right' as const), fc.record({ wrong: fc.oneof(fc.constantFrom(0, 65535), u16) }));
const length = fc.oneof(fc.constant('right' as const), fc.record({ claimed: fc.oneof(fc.nat(80), u16) }));
const address = fc.nat(0xffffffff).map(wordToAddress);
const udp = fc.record({
  kind: fc.constant('udp' as const),
  sourcePort: u16,
  destinationPort: u16,
  length,
  checksum: fc.oneof(checksum, fc.constant('none' as const)),
  payload: hex({ maxLength: 64 }),
});
const udpLite = fc.record({
  kind: fc.constant('udp-lite' as const),
  sourcePort: u16,
  destinationPort: u16,
  coverage: fc.oneof(fc.nat(80), u16),
  checksum: fc.oneof(checksum, fc.constantFrom('none' as const, 'as Linux' as const)),
  payload: hex({ maxLength: 64 }),
});
const sctp = fc.record({
  kind: fc.constant('sctp' as const),
  sourcePort: u16,
  destinationPort: u16,
  tag: fc.nat(0xffffffff),
  checksum: fc.oneof(fc.constant('right' as const), fc.record({ wrong: fc.nat(0xffffffff) })),
  payload: hex({ maxLength: 64 }),
});
const opaque = fc.record({ kind: fc.constant('opaque' as const), bytes: hex({ maxLength: 64 }), why: fc.constant('protocol' as const) });
/** Any packet that can be encoded, canonical or not. */
const ipv4 = fc.record({
  kind: fc.constant('ipv4' as const),
  source: address,
  destination: address,
  tos: u8,
  id: u16,
  reserved: fc.boolean(),
  df: fc.boolean(),
  mf: fc.boolean(),
  offset: fc.oneof(fc.constant(0), fc.nat(8191).map((units) => units * 8)),
  ttl: u8,
  protocol: fc.oneof(fc.constantFrom(17, 132, 136), u8),
  options: fc.nat(10).chain((words) => hex({ minLength: words * 4, maxLength: words * 4 })),
  length,
  checksum,
  payload: fc.oneof(udp, udpLite, sctp, opaque),
  trailer: hex({ maxLength: 20 }),
});
const packetBytes = ipv4.map((packet) => encode(packet));
const mutated = fc
  .tuple(packetBytes, fc.array(fc.record({ at: fc.nat(100), to: u8 }), { maxLength: 4 }), fc.nat(140))
  .map(([bytes, changes, cut]) => {
    const copy = bytes.slice(0, cut);
    for (const { at, to } of changes) if (at < copy.length) copy[at] = to;
    return copy;
  });
const large = fc.record({ size: fc.integer({ min: 65500, max: 70000 }), total: u16, fill: u8, first: fc.constantFrom(0x45, 0x4f) });
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 80 }),
  fc.uint8Array({ minLength: 20, maxLength: 80 }).map((bytes) => Uint8Array.of(0x45, ...bytes.subarray(1))),
  packetBytes,
  mutated,
);

const sameBytes = (bytes: Uint8Array): void => {
  expect(Buffer.compare(encode(decode(bytes)), bytes)).toBe(0);
};

test('encode(decode(b)) is b', () => {
  fc.assert(fc.property(anyBytes, sameBytes), { numRuns: 5000 });
});

test('encode(decode(b)) is b around the largest packets', () => {
  fc.assert(
    fc.property(large, ({ size, total, fill, first }) => {
      const bytes = new Uint8Array(size).fill(fill);
      bytes.set([first, 0, total >>> 8, total & 0xff, 0, 0, 0, 0, 64, 17]);
      sameBytes(bytes);
    }),
  );
  sameBytes(new Uint8Array(0));
  sameBytes(new Uint8Array(9 * 1024 * 1024).fill(0x46));
});

/** The fields of each payload that occurs here, in the order of its type. */
const FIELDS: Partial<Record<Ipv4['payload']['kind'], readonly string[]>> = {
  udp: Object.keys(UDP_PACKET),
  'udp-lite': ['kind', 'sourcePort', 'destinationPort', 'coverage', 'checksum', 'payload'],
  sctp: ['kind', 'sourcePort', 'destinationPort', 'tag', 'checksum', 'payload'],
  opaque: ['kind', 'bytes', 'why'],
};

test('what decode gives is canonical: it is read back from its own bytes, a fresh copy too', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const packet = decode(bytes);
      const copy: Packet = structuredClone(packet);
      expect(hexOf(encode(copy))).toBe(hexOf(bytes));
      if (packet.kind !== 'ipv4') return;
      expect(Object.keys(packet)).toEqual(Object.keys(PACKET));
      expect(Object.keys(packet.payload)).toEqual(FIELDS[packet.payload.kind]);
    }),
    { numRuns: 2000 },
  );
});
