/** Garbage: what no sender should send, made of a packet that one did. No randomness; another number, another garbling. */
import { type Bytes, carried, type Ipv4, lengthOf, type Packet, slice } from '../spec/trace/packet.ts';

/** The packet garbled in the way that `number` (0 or more) stands for. */
export const garbage = (packet: Packet, number: number): Packet => {
  const bytes = payloadOf(packet);
  const way = number % (RAW.length + IPV4.length);
  const raw = RAW[packet.kind === 'raw' ? number % RAW.length : way];
  if (raw) return raw(bytes);
  return (packet.kind === 'ipv4' ? IPV4[way - RAW.length]?.(packet, bytes) : undefined) ?? packet;
};

/** How many ways there are to garble an IPv4 packet. */
export const waysToGarble = (): number => RAW.length + IPV4.length;

const payloadOf = (packet: Packet): Bytes => (packet.kind === 'raw' ? packet.bytes : carried(packet.payload));

/** Exactly so many bytes. */
const fill = (bytes: Bytes, length: number): Bytes => slice(bytes, 0, length).padEnd(length * 2, 'f7');

/** Not IPv4. */
const RAW: readonly ((bytes: Bytes) => Packet)[] = [
  () => ({ kind: 'raw', bytes: '', why: 'short' }),
  (bytes) => ({ kind: 'raw', bytes: `45${fill(bytes, 18)}`, why: 'short' }),
  (bytes) => ({ kind: 'raw', bytes: `60${fill(bytes, 39)}`, why: 'version' }),
  (bytes) => ({ kind: 'raw', bytes: `f5${fill(bytes, 27)}`, why: 'version' }),
  (bytes) => ({ kind: 'raw', bytes: `44${fill(bytes, 31)}`, why: 'header-length' }),
  (bytes) => ({ kind: 'raw', bytes: `4f${fill(bytes, 40)}`, why: 'header-length' }),
];

const whole = { mf: false, offset: 0, length: 'right', checksum: 'right', trailer: '' } as const;

/** The same header before other bytes. */
const carrying = (packet: Ipv4, bytes: Bytes, why: 'fragment' | 'protocol' | 'short', fields: Partial<Ipv4>): Ipv4 => ({
  ...packet,
  ...whole,
  payload: { kind: 'opaque', bytes, why },
  ...fields,
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
  (packet, bytes) => carrying(packet, fill(bytes, 24), 'protocol', { protocol: 0 }),
  (packet, bytes) => carrying(packet, fill(bytes, 7), 'protocol', { protocol: 6 }),
  (packet, bytes) => carrying(packet, `0303${fill(bytes, 34)}`, 'protocol', { protocol: 1 }),
  (packet, bytes) => carrying(packet, fill(bytes, 3), 'protocol', { protocol: 47 }),
  (packet, bytes) => carrying(packet, fill(bytes, 12), 'protocol', { protocol: 132 }),
  (packet) => carrying(packet, '', 'protocol', { protocol: 255 }),
  (packet, bytes) => carrying(packet, fill(bytes, 7), 'short', { protocol: 17 }),
  (packet) => ({ ...packet, ...whole, ...shortened(packet, { length: { claimed: 7 } }) }),
  (packet) => ({ ...packet, ...whole, ...shortened(packet, { length: { claimed: 65_535 } }) }),
  (packet) => ({ ...packet, ...whole, ...shortened(packet, { checksum: { wrong: 0xdead } }) }),
  (packet) => ({ ...packet, ...whole, ttl: 0, ...shortened(packet) }),
  (packet) => ({ ...packet, ...whole, source: '127.0.0.1', ...shortened(packet) }),
  // Fragments of the packet's own key: empty, odd, beyond the end of what IP can hold, over each other, with two ends.
  (packet) => carrying(packet, '', 'fragment', { mf: true }),
  (packet) => carrying(packet, UDP_HEADER, 'fragment', { mf: true }),
  (packet, bytes) => carrying(packet, fill(bytes, 13), 'fragment', { mf: true, offset: 8 }),
  (packet, bytes) => carrying(packet, fill(bytes, 64), 'fragment', { offset: 65_528 }),
  (packet, bytes) => carrying(packet, fill(bytes, 64), 'fragment', { mf: true, offset: 8 }),
  (packet, bytes) => carrying(packet, fill(bytes, 24), 'fragment', { offset: 16 }),
  (packet, bytes) => carrying(packet, fill(bytes, 1), 'fragment', { offset: 8 }),
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
