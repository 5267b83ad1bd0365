/** Recolouring: colours instead of what was captured, and nothing else changed. */
import { expect, test } from 'vitest';
import { colouredPayload } from '../../properties/colours.ts';
import { echo, errorAbout, fragmentsOf, sctp, tcp, udp } from '../../test/capture-frames.ts';
import { ipv6 } from '../../spec/trace/packet.ts';
import type { Bytes, Ip, Ipv4, Ipv6 } from '../../spec/trace/packet.ts';
import { decode, encode } from '../packet/index.ts';
import { recolourOf } from './recolour.ts';

const recoloured = (packets: readonly Ipv4[], tenant = 5): readonly Ipv4[] => inIpv4(recolourOf(packets.map((packet) => ({ packet, atMs: 0 }))).packetsOf(tenant));

const inIpv4 = (packets: readonly Ip[]): readonly Ipv4[] => packets.filter((packet) => packet.kind === 'ipv4');

/** A whole packet in the colours of a tenant. */
const inColour = (packet: Ipv4, tenant = 5, number = 0): Ipv4 =>
  packet.payload.kind !== 'opaque'
    ? { ...packet, payload: { ...packet.payload, payload: colouredPayload(tenant, number, packet.payload.payload.length / 2) } }
    : packet;

/** What fragments make when they are put together in the order of their offsets. */
const together = (fragments: readonly Ipv4[]): Ipv4 | undefined => {
  const [first, ...rest] = fragments.toSorted((a, b) => a.offset - b.offset);
  if (!first) return undefined;
  const bytes = [first, ...rest].map(({ payload }) => (payload.kind === 'opaque' ? payload.bytes : '')).join('');
  const whole = decode(encode({ ...first, mf: false, payload: { kind: 'opaque', bytes, why: 'fragment' } }));
  return whole.kind === 'ipv4' ? whole : undefined;
};

const noise = (bytes: number): Bytes => Array.from({ length: bytes }, (_, index) => ((index * 37) & 0xff).toString(16).padStart(2, '0')).join('');
const long = udp({ options: '01010101', tos: 3, ttl: 9 }, { payload: noise(3001) });

test.each([
  ['right', udp()],
  ['none', udp({}, { checksum: 'none' })],
  ['wrong', udp({}, { checksum: { wrong: 0xbeef } })],
  ['right, with a trailer', udp({ trailer: '0102' })],
  ['right, with a length that is not', udp({}, { length: { claimed: 9 } })],
  ['right, below a block', udp({}, { payload: 'ffffff' })],
  ['right, nothing to colour', udp({}, { payload: '' })],
])('a whole packet whose checksum is %s', (_, packet) => {
  expect(recoloured([packet])).toEqual([inColour(packet)]);
});

const lite = udp({ protocol: 136, payload: { kind: 'udp-lite', sourcePort: 1, destinationPort: 2, coverage: 12, checksum: 'right', payload: noise(40) } });

test.each([
  ['TCP', tcp()],
  ['TCP with a wrong checksum', tcp({}, { checksum: { wrong: 1 } })],
  ['a bare acknowledgement', tcp({}, { payload: '' })],
  ['an echo request', echo()],
  ['an echo reply', echo({}, { type: 0 })],
  ['UDP-Lite', lite],
])('%s', (_, packet) => {
  expect(recoloured([packet])).toEqual([inColour(packet)]);
});

test.each([
  ['other messages of ICMP', echo({}, { type: 13 })],
  ['an error about a packet that is not there', errorAbout(udp())],
  ['an error about nothing', echo({}, { type: 3, payload: '' })],
  ['what is not looked into', udp({ protocol: 50, payload: { kind: 'opaque', bytes: 'ab'.repeat(40), why: 'protocol' } })],
  ['fragments of it', udp({ protocol: 50, mf: true, payload: { kind: 'opaque', bytes: 'ab'.repeat(40), why: 'fragment' } })],
])('%s: kept', (_, packet) => {
  expect(recoloured([packet])).toEqual([packet]);
});

/** A chunk with so many bytes behind its header, padded. */
const chunk = (type: number, bytes: Bytes): Bytes => {
  const length = 4 + bytes.length / 2;
  return `0${type}03${length.toString(16).padStart(4, '0')}${bytes}`.padEnd(Math.ceil(length / 4) * 8, '0');
};
const TSN = '00000001000200030000002e';

test('SCTP is coloured in its chunks of data, each behind its header, and nowhere else', () => {
  const [sack, cut] = [chunk(3, '00'.repeat(12)), '000300ff00000001'];
  const chunks = (first: Bytes, second: Bytes): Bytes => chunk(0, TSN + first) + sack + chunk(0, TSN + second) + chunk(0, TSN) + cut;
  const captured = chunks(noise(24), noise(30));
  const colour = colouredPayload(5, 0, captured.length / 2);
  const expected = chunks(colour.slice(16 * 2, 40 * 2), colour.slice((40 + 16 + 16) * 2, (40 + 16 + 46) * 2));
  expect(recoloured([sctp(captured)])).toEqual([sctp(expected)]);
  expect(recoloured([sctp(captured, { checksum: { wrong: 0xffffffff } })])).toEqual([sctp(expected, { checksum: { wrong: 0xffffffff } })]);
  expect(together(recoloured(fragmentsOf(sctp(captured), 48)))).toEqual(sctp(expected));
});

test('a checksum of ffff for 0 is right in any colour', () => {
  expect(recoloured([tcp({}, { checksum: 'negative zero' })])).toEqual([inColour(tcp())]);
});

test.each([
  ['UDP', udp()],
  ['TCP', tcp()],
  ['an echo', echo()],
])('an error quotes %s as the tenant played it, as far as it did', (_, packet) => {
  for (const bytes of [8, 20, 28, Infinity]) {
    const [, error] = recoloured([packet, errorAbout(packet, bytes)]);
    expect(error).toEqual(errorAbout(inColour(packet), bytes));
    expect(error && decode(encode(error))).toEqual(error);
  }
});

test('an error quotes the datagram that fragments make, or the first of them', () => {
  const [first, ...rest] = fragmentsOf(long, 512);
  if (!first) throw new Error('no fragments');
  const [inColourFirst] = fragmentsOf(inColour(long), 512);
  const whole = recoloured([first, ...rest, errorAbout(long, 600)]).at(-1);
  expect(whole).toEqual(errorAbout(inColour(long), 600));
  const part = recoloured([first, ...rest, errorAbout(first, 100)]).at(-1);
  expect(part).toEqual(inColourFirst && errorAbout(inColourFirst, 100));
});

test('of equal headers the latest is quoted, and never another packet than that', () => {
  const [early, late] = [udp({ id: 0 }), udp({ id: 0 }, { payload: 'cd'.repeat(24) })];
  expect(recoloured([early, late, errorAbout(late)]).at(-1)).toEqual(errorAbout(inColour(late, 5, 1)));
  const changed = errorAbout(udp({ id: 0 }, { payload: `${'ab'.repeat(23)}00` }));
  expect(recoloured([early, late, changed]).at(-1)).toEqual(changed);
});

const strange = (packets: readonly Ipv4[]) => recolourOf(packets.map((packet) => ({ packet, atMs: 0 }))).strangeErrors;

test('errors about what was not captured before are counted', () => {
  expect(strange([errorAbout(udp()), udp(), errorAbout(udp()), echo()])).toBe(1);
});

test('a wrong checksum that the colours would make right is another wrong one', () => {
  const asked = Buffer.from(encode(inColour(udp()))).readUInt16BE(26);
  const [packet] = recoloured([udp({}, { checksum: { wrong: asked } })]);
  expect(packet?.payload).toMatchObject({ checksum: { wrong: asked ^ 1 } });
  expect(packet && decode(encode(packet))).toEqual(packet);
});

test.each([
  ['right', long],
  ['none', udp({}, { payload: noise(100), checksum: 'none' })],
  ['wrong', udp({}, { payload: noise(100), checksum: { wrong: 0xbeef } })],
  ['right, with a length below what there is', udp({}, { payload: noise(100), length: { claimed: 50 } })],
])('fragments of a datagram whose checksum is %s make that datagram in colour', (_, packet) => {
  const captured = fragmentsOf(packet, 64).toReversed();
  const played = recoloured(captured);
  expect(played.map(({ payload: __, ...header }) => header)).toEqual(captured.map(({ payload: __, ...header }) => header));
  expect(together(played)).toEqual(inColour(packet));
});

test.each([
  ['TCP', tcp({}, { payload: noise(3001) })],
  ['an echo', echo({}, { payload: noise(3001) })],
])('fragments of %s, with or without the last', (_, packet) => {
  const captured = fragmentsOf(packet, 512);
  expect(together(recoloured(captured))).toEqual(inColour(packet));
  const cut = recoloured(captured.slice(0, 5));
  expect(cut.slice(1)).toEqual(fragmentsOf(inColour(packet), 512).slice(1, 5));
});

test('fragments that differ in protocol only are of two datagrams', () => {
  const [a, b] = [fragmentsOf(udp(), 16), fragmentsOf(echo(), 16)];
  const played = recoloured([...a.slice(0, 1), ...b, ...a.slice(1)]);
  expect(together([...played.slice(0, 1), ...played.slice(b.length + 1)])).toEqual(inColour(udp()));
  expect(together(played.slice(1, b.length + 1))).toEqual(inColour(echo(), 5, 1));
});

test('fragments of many tenants are alike in all but colour', () => {
  const { packetsOf } = recolourOf(fragmentsOf(udp({}, { payload: noise(200) }), 48).map((packet) => ({ packet, atMs: 0 })));
  for (const tenant of [1, 2, 31]) expect(together(inIpv4(packetsOf(tenant)))).toEqual(inColour(udp({}, { payload: noise(200) }), tenant));
});

test('exact duplicates stay exact duplicates; packets that differ get numbers of their own', () => {
  const [a, b] = [udp(), udp({ id: 8 })];
  expect(recoloured([a, b, a, b])).toEqual([inColour(a), inColour(b, 5, 1), inColour(a), inColour(b, 5, 1)]);
  const fragments = fragmentsOf(long, 512);
  const twice = recoloured([...fragments, ...fragments]);
  expect(twice.slice(fragments.length)).toEqual(twice.slice(0, fragments.length));
});

test('numbers begin again after the last that a colour can name', () => {
  const packets = Array.from({ length: 16_386 }, (_, index) => udp({ id: index }));
  const played = recoloured(packets);
  expect(played[16_383]).toEqual(inColour(udp({ id: 16_383 }), 5, 16_383));
  expect(played[16_384]).toEqual(inColour(udp({ id: 16_384 })));
});

test('fragments whose first one is missing carry the colours of their places', () => {
  const [, second, third] = recoloured(fragmentsOf(long, 512).slice(1));
  const body = '00'.repeat(8) + colouredPayload(5, 0, 3001);
  expect(second?.payload).toMatchObject({ bytes: body.slice(1024 * 2, 1536 * 2) });
  expect(third?.payload).toMatchObject({ bytes: body.slice(1536 * 2, 2048 * 2) });
});

test('where another fragment is missing, the checksum is right for the whole datagram, as if it had been', () => {
  const captured = fragmentsOf(long, 512);
  const expected = fragmentsOf(inColour(long), 512);
  expect(recoloured(captured.slice(0, 3))).toEqual(expected.slice(0, 3)); // the last is missing: UDP's length tells
  expect(recoloured(captured.toSpliced(2, 1))).toEqual(expected.toSpliced(2, 1));
});

test('where more is missing than there is, each fragment is coloured by itself and the UDP header kept', () => {
  const captured = fragmentsOf(long, 512);
  const played = recoloured(captured.filter(({ offset, mf }) => offset === 0 || !mf));
  const header = Buffer.from(encode(long)).subarray(24, 32).toString('hex');
  expect(played[0]?.payload).toMatchObject({ bytes: header + colouredPayload(5, 0, 504) });
  expect(played[1]?.payload).toMatchObject({ bytes: colouredPayload(5, 0, 449) });
});

test('the same key is another datagram where bytes differ, and after the time for fragments', () => {
  const [first, rest] = [fragmentsOf(udp({}, { payload: noise(100) }), 64), fragmentsOf(udp({}, { payload: noise(90) }), 64)];
  const both = recoloured([...first, ...rest]);
  expect([together(both.slice(0, 2)), together(both.slice(2))]).toEqual([
    inColour(udp({}, { payload: noise(100) })),
    inColour(udp({}, { payload: noise(90) }), 5, 1),
  ]);
  const late = recolourOf(first.map((packet, index) => ({ packet, atMs: index * 30_000 }))).packetsOf(5);
  expect(late[1]?.payload).toMatchObject({ bytes: colouredPayload(5, 1, 44) });
});

const count = (packets: readonly Ipv4[]) => recolourOf(packets.map((packet) => ({ packet, atMs: 0 }))).wrongFragments;

test('fragments of complete datagrams with a wrong checksum are counted', () => {
  const wrong = fragmentsOf(udp({}, { payload: noise(100), checksum: { wrong: 1 } }), 64);
  expect(count([...wrong, ...wrong.slice(1)])).toBe(3);
  expect(count(wrong.slice(0, 1))).toBe(0);
  expect(count(fragmentsOf(long, 64))).toBe(0);
});

const opaque = (bytes: number) => ({ kind: 'opaque', bytes: '11'.repeat(bytes), why: 'fragment' }) as const;
const shape = (packet: Ipv4) => ({ ...packet, payload: { ...packet.payload, bytes: packet.payload.kind === 'opaque' ? packet.payload.bytes.length : -1 } });

test('whatever cannot be a datagram keeps its shape', () => {
  const odd = [
    udp({ mf: true, payload: opaque(0) }),
    udp({ id: 1, mf: true, payload: opaque(5) }),
    udp({ id: 2, mf: true, payload: opaque(61) }),
    udp({ id: 3, offset: 65_528, payload: opaque(1480) }),
    udp({ id: 4, mf: true, payload: opaque(1480) }),
    udp({ id: 4, offset: 65_520, payload: opaque(1480) }),
    udp({ id: 5, length: { claimed: 900 }, payload: { kind: 'opaque', bytes: '11'.repeat(61), why: 'length' } }),
    udp({ id: 6, payload: { kind: 'opaque', bytes: '11'.repeat(5), why: 'short' } }),
  ];
  const played = recoloured(odd);
  expect(played.map(shape)).toEqual(odd.map(shape));
  for (const packet of played) expect(decode(encode(packet))).toEqual(packet);
});

const over6 = (payload: Ipv6['payload'], more: Partial<Ipv6> = {}): Ipv6 => ipv6({ source: 'fd00::1', destination: 'fd00::2', payload, ...more });

/** Fragments, each but the last with `bytes` bytes, of which the first ones belong to headers of the datagram's own. */
const fragments6 = (whole: Ipv6, bytes: number): readonly Ipv6[] => {
  const own = Buffer.from(encode(whole)).subarray(40).toString('hex');
  return Array.from({ length: Math.ceil(own.length / 2 / bytes) }, (_, index) => {
    const [offset, end] = [index * bytes, (index + 1) * bytes];
    const extensions = [{ kind: 'fragment', id: 9, offset, mf: end * 2 < own.length, reserved: 0 }] as const;
    return over6({ kind: 'opaque', bytes: own.slice(offset * 2, end * 2), why: 'fragment' }, { extensions, protocol: whole.extensions.length > 0 ? 60 : whole.protocol });
  });
};

const recoloured6 = (packets: readonly Ip[]) => recolourOf(packets.map((packet) => ({ packet, atMs: 0 }))).packetsOf(5);

const inColour6 = (whole: Ipv6, number = 0): Ipv6 =>
  whole.payload.kind === 'opaque' ? whole : { ...whole, payload: { ...whole.payload, payload: colouredPayload(5, number, whole.payload.payload.length / 2) } };

const error6 = (about: Ipv6, bytes: number): Ipv6 => {
  const payload = Buffer.from(encode(about)).subarray(0, bytes).toString('hex');
  return over6({ kind: 'icmp', type: 1, code: 4, checksum: 'right', identifier: 0, sequence: 0, payload }, { source: 'fd00::2', destination: 'fd00::1' });
};

const OPTIONS = { kind: 'destination-options', data: '010400000000' } as const;

test.each([
  ['UDP', over6(udp({}, { payload: noise(1000) }).payload)],
  ['TCP', over6(tcp({}, { payload: noise(1000) }).payload)],
  ['an echo request', over6(echo({}, { type: 128, payload: noise(1000) }).payload)],
  ['an echo reply', over6(echo({}, { type: 129, payload: noise(1000) }).payload)],
  ['UDP behind options', over6(udp({}, { payload: noise(1000) }).payload, { extensions: [OPTIONS] })],
])('IPv6: %s, whole, in fragments, and quoted', (_, packet) => {
  expect(recoloured6([packet])).toEqual([inColour6(packet)]);
  expect(recoloured6([packet, error6(packet, 500)]).at(-1)).toEqual(error6(inColour6(packet), 500));
  const fragments = fragments6(packet, 400);
  const [first] = fragments;
  expect(recoloured6(fragments)).toEqual(fragments6(inColour6(packet), 400));
  const [firstInColour] = fragments6(inColour6(packet), 400);
  if (!first || !firstInColour) throw new Error('no fragments');
  expect(recoloured6([...fragments, error6(first, 300)]).at(-1)).toEqual(error6(firstInColour, 300));
});

test('IPv6: an error about what was put together has no id, and quotes it even so', () => {
  const packet = over6(udp({}, { payload: noise(1000) }).payload);
  expect(recoloured6([...fragments6(packet, 400), error6(packet, 900)]).at(-1)).toEqual(error6(inColour6(packet), 900));
});

test('IPv6: neighbour discovery is kept', () => {
  const packet = over6(echo({}, { type: 135 }).payload);
  expect(recoloured6([packet])).toEqual([packet]);
});
