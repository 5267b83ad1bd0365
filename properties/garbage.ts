/** Garbage: what no sender should send, made of a packet that one did. No randomness; another number, another garbling. */
import { withBehind } from '../spec/extensions.ts';
import { type Bytes, carried, type Ipv4, type Ipv6, lengthOf, type Packet, slice } from '../spec/trace/packet.ts';
import { readTransport } from '../spec/wire/transport.ts';

/** The packet garbled in the way that `number` (0 or more) stands for. */
export const garbage = (packet: Packet, number: number): Packet => {
  const bytes = payloadOf(packet);
  if (packet.kind === 'raw') return RAW[number % RAW.length]?.(bytes) ?? packet;
  const way = number % waysToGarble(packet.kind);
  const raw = RAW[way];
  if (raw) return raw(bytes);
  return (packet.kind === 'ipv4' ? IPV4[way - RAW.length]?.(packet, bytes) : IPV6[way - RAW.length]?.(packet, bytes)) ?? packet;
};

/** How many ways there are to garble a packet. */
export const waysToGarble = (kind: 'ipv4' | 'ipv6'): number => RAW.length + (kind === 'ipv4' ? IPV4 : IPV6).length;

const payloadOf = (packet: Packet): Bytes => (packet.kind === 'raw' ? packet.bytes : carried(packet.payload));

/** Exactly so many bytes. */
const fill = (bytes: Bytes, length: number): Bytes => slice(bytes, 0, length).padEnd(length * 2, 'f7');

/** Not IP. */
const RAW: readonly ((bytes: Bytes) => Packet)[] = [
  () => ({ kind: 'raw', bytes: '', why: 'short' }),
  (bytes) => ({ kind: 'raw', bytes: `45${fill(bytes, 18)}`, why: 'short' }),
  (bytes) => ({ kind: 'raw', bytes: `60${fill(bytes, 38)}`, why: 'short' }),
  (bytes) => ({ kind: 'raw', bytes: `f5${fill(bytes, 27)}`, why: 'version' }),
  (bytes) => ({ kind: 'raw', bytes: `44${fill(bytes, 31)}`, why: 'header-length' }),
  (bytes) => ({ kind: 'raw', bytes: `4f${fill(bytes, 40)}`, why: 'header-length' }),
];

const whole = { mf: false, offset: 0, length: 'right', checksum: 'right', trailer: '' } as const;

/** The same header before other bytes, read as its protocol reads them. */
const carrying = (packet: Ipv4, bytes: Bytes, fields: Partial<Ipv4>): Ipv4 => {
  const header = { ...packet, ...whole, ...fields };
  return { ...header, payload: readTransport(header, bytes) };
};

const fragment = (packet: Ipv4, bytes: Bytes, fields: Partial<Ipv4>): Ipv4 => ({
  ...packet,
  ...whole,
  ...fields,
  payload: { kind: 'opaque', bytes, why: 'fragment' },
});

const lying = (packet: Ipv4, bytes: Bytes, claimed: number): Ipv4 => ({
  ...packet,
  ...whole,
  length: { claimed },
  payload: { kind: 'opaque', bytes: slice(bytes, 0, 64), why: 'length' },
});

const UDP_HEADER = '03e807d000000000';

const IPV4: readonly ((packet: Ipv4, bytes: Bytes) => Packet)[] = [
  // The header lies.
  (packet) => ({ ...packet, checksum: { wrong: 0xdead } }),
  (packet, bytes) => lying(packet, bytes, 19),
  (packet, bytes) => lying(packet, bytes, 65_535),
  // Options that cannot be read: longer than the header, shorter than themselves.
  (packet) => ({ ...packet, ...whole, options: '9e2801019e000000', ...shortened(packet) }),
  (packet) => ({ ...packet, ...whole, options: '9e000000', ...shortened(packet) }),
  // No UDP, or none that is sane.
  (packet, bytes) => carrying(packet, fill(bytes, 24), { protocol: 0 }),
  (packet, bytes) => carrying(packet, fill(bytes, 7), { protocol: 6 }),
  (packet, bytes) => carrying(packet, `0303${fill(bytes, 34)}`, { protocol: 1 }),
  (packet, bytes) => carrying(packet, fill(bytes, 3), { protocol: 47 }),
  (packet, bytes) => carrying(packet, fill(bytes, 12), { protocol: 132 }),
  (packet) => carrying(packet, '', { protocol: 255 }),
  (packet, bytes) => carrying(packet, fill(bytes, 7), { protocol: 17 }),
  (packet) => ({ ...packet, ...whole, ...shortened(packet, { length: { claimed: 7 } }) }),
  (packet) => ({ ...packet, ...whole, ...shortened(packet, { length: { claimed: 65_535 } }) }),
  (packet) => ({ ...packet, ...whole, ...shortened(packet, { checksum: { wrong: 0xdead } }) }),
  (packet) => ({ ...packet, ...whole, ttl: 0, ...shortened(packet) }),
  (packet) => ({ ...packet, ...whole, source: '127.0.0.1', ...shortened(packet) }),
  // Fragments of the packet's own key: empty, odd, beyond the end of what IP can hold, over each other, with two ends.
  (packet) => fragment(packet, '', { mf: true }),
  (packet) => fragment(packet, UDP_HEADER, { mf: true }),
  (packet, bytes) => fragment(packet, fill(bytes, 13), { mf: true, offset: 8 }),
  (packet, bytes) => fragment(packet, fill(bytes, 64), { offset: 65_528 }),
  (packet, bytes) => fragment(packet, fill(bytes, 64), { mf: true, offset: 8 }),
  (packet, bytes) => fragment(packet, fill(bytes, 24), { offset: 16 }),
  (packet, bytes) => fragment(packet, fill(bytes, 1), { offset: 8 }),
];

/** A small UDP datagram between the packet's addresses, with fields that lie. */
const shortened = (packet: Ipv4, fields: Partial<Extract<Ipv4['payload'], { kind: 'udp' }>> = {}): Partial<Ipv4> => ({
  protocol: 17,
  payload: {
    kind: 'udp',
    sourcePort: packet.payload.kind === 'udp' ? packet.payload.sourcePort : 1000,
    destinationPort: packet.payload.kind === 'udp' ? packet.payload.destinationPort : 2000,
    length: 'right',
    checksum: 'right',
    payload: fill(payloadOf(packet), 8 * Math.min(1, lengthOf(payloadOf(packet)))),
    ...fields,
  },
});

const fragment6 = (packet: Ipv6, offset: number, mf: boolean, bytes: Bytes): Ipv6 =>
  withBehind({ ...packet, length: 'right', trailer: '' }, [{ kind: 'fragment', id: 1, offset, mf, reserved: 0 }], 17, bytes);

const behindIpv6 = (packet: Ipv6, first: number, bytes: Bytes): Ipv6 => withBehind({ ...packet, length: 'right', trailer: '' }, [], first, bytes);

const IPV6: readonly ((packet: Ipv6, bytes: Bytes) => Packet)[] = [
  // The header lies.
  (packet, bytes) => ({ ...packet, extensions: [], length: { claimed: 65_535 }, payload: { kind: 'opaque', bytes: slice(bytes, 0, 64), why: 'length' }, trailer: '' }),
  (packet, bytes) => ({ ...behindIpv6(packet, 17, `03e807d000080000${slice(bytes, 0, 8)}`), hopLimit: 0 }),
  (packet) => ({ ...behindIpv6(packet, 17, '03e807d000080000'), source: '::1' }),
  (packet) => ({ ...behindIpv6(packet, 17, '03e807d000080000'), source: 'ff02::1' }),
  // Headers that are cut off, lie about their length, or lead nowhere.
  (packet, bytes) => behindIpv6(packet, 0, `11ff${fill(bytes, 6)}`),
  (packet, bytes) => behindIpv6(packet, 0, `1100010400${fill(bytes, 3)}`),
  (packet, bytes) => behindIpv6(packet, 60, `3cff${fill(bytes, 6)}`),
  (packet) => behindIpv6(packet, 60, '11'),
  (packet) => behindIpv6(packet, 43, ''),
  (packet) => behindIpv6(packet, 51, '1100000000000000'),
  (packet) => behindIpv6(packet, 44, '110000'),
  (packet) => behindIpv6(packet, 44, '11000001'),
  (packet, bytes) => behindIpv6(packet, 59, fill(bytes, 16)),
  (packet, bytes) => behindIpv6(packet, 0, `${'3c00010400000000'.repeat(20)}1100010400000000${fill(bytes, 8)}`),
  // No UDP, or none that is sane.
  (packet, bytes) => behindIpv6(packet, 6, fill(bytes, 7)),
  (packet, bytes) => behindIpv6(packet, 58, fill(bytes, 7)),
  (packet, bytes) => behindIpv6(packet, 17, fill(bytes, 7)),
  (packet) => behindIpv6(packet, 255, ''),
  // Fragments of one key: empty, odd, beyond the end of what IP can hold, over each other, with two ends.
  (packet) => fragment6(packet, 0, true, ''),
  (packet) => fragment6(packet, 0, true, UDP_HEADER),
  (packet, bytes) => fragment6(packet, 8, true, fill(bytes, 13)),
  (packet, bytes) => fragment6(packet, 65_528, false, fill(bytes, 64)),
  (packet, bytes) => fragment6(packet, 8, true, fill(bytes, 64)),
  (packet, bytes) => fragment6(packet, 16, false, fill(bytes, 24)),
  (packet, bytes) => fragment6(packet, 8, false, fill(bytes, 1)),
  (packet, bytes) => fragment6(packet, 0, false, `${UDP_HEADER}${fill(bytes, 8)}`),
];
