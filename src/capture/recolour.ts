/**
 * Recolouring: a captured packet as a tenant plays it, its payload in the tenant's colour and everything else as it was.
 *
 * The colour's packet number counts datagrams, not frames: an exact duplicate has its first copy's number, so it stays
 * an exact duplicate, and all fragments of a datagram carry slices of one coloured datagram. Numbers begin again after
 * 16384 datagrams, so in a long capture a colour names one of several datagrams of its tenant, never another tenant.
 *
 * A UDP checksum stays what it was: right, none or wrong. Where some fragments are missing from the capture nobody can
 * tell, and it is taken for right, over as many bytes as UDP's own length field says. Where more is missing than there
 * is, each fragment is coloured by itself, blocks counted from its own start, and a UDP header is kept as it is. Bytes
 * that no datagram can reach (after 65535) are zeros. An IPv4 header is never touched, so its checksum stays too.
 */
import { colouredPayload, LAST_PACKET } from '../../properties/colours.ts';
import { headerLength, lengthOf, slice } from '../../spec/trace/packet.ts';
import type { Bytes, Ipv4 } from '../../spec/trace/packet.ts';
import type { Udp } from '../../spec/trace/transport.ts';
import { decode, encode } from '../packet/index.ts';

/** A captured packet, and the virtual time (ms) at which it is played. */
export type Played = { readonly packet: Ipv4; readonly atMs: number };

export type Recolour = {
  /** The packets as tenant 1..31 plays them, in their order. */
  readonly packetsOf: (tenant: number) => readonly Ipv4[];
  /** How many packets are fragments of a datagram that is all there and has a wrong UDP checksum. */
  readonly wrongFragments: number;
};

export const recolourOf = (played: readonly Played[]): Recolour => {
  const datagrams = datagramsOf(played);
  const plans = new Map(Array.from(new Set(datagrams), (datagram) => [datagram, planOf(datagram.fragments)]));
  return {
    packetsOf: (tenant) => {
      const bodies = new Map(Array.from(plans, ([datagram, plan]) => [datagram, plan && bodyOf(datagram.number, plan, tenant)]));
      return played.map(({ packet }, index) => {
        const datagram = datagrams[index];
        return datagram ? coloured(packet, tenant, datagram.number, bodies.get(datagram)) : packet;
      });
    },
    wrongFragments: datagrams.filter((datagram) => typeof plans.get(datagram)?.checksum === 'object').length,
  };
};

type Datagram = {
  readonly number: number;
  readonly sinceMs: number;
  /** Fragments by offset; none if it came whole. */
  readonly fragments: Map<number, Ipv4>;
};

/** Linux: ipfrag_time. What comes later under the same key is another datagram. */
const FRAGMENT_MS = 30_000;
const UDP_HEADER = 8;
const MAX_BYTES = 0xffff;

/** The datagram that each packet belongs to, or is. */
const datagramsOf = (played: readonly Played[]): readonly Datagram[] => {
  const open = new Map<string, Datagram>();
  let count = 0;
  return played.map(({ packet, atMs }) => {
    const isFragment = packet.payload.kind === 'opaque' && packet.payload.why === 'fragment';
    const key = isFragment ? `${packet.source} ${packet.destination} ${packet.id}` : latin1(encode(packet));
    let datagram = open.get(key);
    if (!datagram || (isFragment && !belongs(packet, atMs, datagram))) {
      datagram = { number: count % (LAST_PACKET + 1), sinceMs: atMs, fragments: new Map() };
      count += 1;
      open.set(key, datagram);
    }
    if (isFragment) datagram.fragments.set(packet.offset, packet);
    return datagram;
  });
};

/** In time, and not another fragment than the one known at its place. */
const belongs = (packet: Ipv4, atMs: number, { sinceMs, fragments }: Datagram): boolean => {
  const known = fragments.get(packet.offset);
  return atMs - sinceMs < FRAGMENT_MS && (!known || (known.mf === packet.mf && opaqueBytes(known) === opaqueBytes(packet)));
};

/** `body`: the coloured datagram that the packet is a fragment of. */
const coloured = (packet: Ipv4, tenant: number, number: number, body: Bytes | undefined): Ipv4 => {
  const { payload } = packet;
  if (payload.kind === 'udp') {
    return stillWrong({ ...packet, payload: { ...payload, payload: colours(tenant, number, lengthOf(payload.payload)) } });
  }
  if (payload.kind !== 'opaque') return packet;
  const length = lengthOf(payload.bytes);
  if (body !== undefined) return { ...packet, payload: { ...payload, bytes: slice(body, packet.offset, packet.offset + length) } };
  const head = packet.offset === 0 ? slice(payload.bytes, 0, UDP_HEADER) : '';
  return { ...packet, payload: { ...payload, bytes: head + colours(tenant, number, length - lengthOf(head)) } };
};

/** What the fragments of a datagram make. */
type Plan = {
  /** Absent: it was not captured. */
  readonly first: Ipv4 | undefined;
  /** As many bytes as the fragments reach. */
  readonly reach: number;
  /** As many bytes as the datagram has, UDP header included. */
  readonly bytes: number;
  readonly checksum: Udp['checksum'];
};

/** Undefined where more is missing than there is, so that the bytes coloured are at most twice those captured. */
const planOf = (fragments: Datagram['fragments']): Plan | undefined => {
  const [first, all] = [fragments.get(0), [...fragments.values()]];
  const header = first && udpHeader(first);
  const reach = Math.max(0, ...all.map((fragment) => fragment.offset + lengthOf(opaqueBytes(fragment))));
  const held = all.reduce((sum, fragment) => sum + lengthOf(opaqueBytes(fragment)), 0);
  const whole = first && wholeOf(first, fragments);
  const bytes = whole ? UDP_HEADER + lengthOf(whole.payload) : Math.max(reach, header?.length ?? 0);
  if (held === 0 || Math.max(reach, bytes) > 2 * held) return undefined;
  return { first, reach, bytes, checksum: whole?.checksum ?? (header?.checksum === 0 ? 'none' : 'right') };
};

/** The UDP datagram that fragments make, if they are all there and fit each other. */
const wholeOf = (first: Ipv4, fragments: Datagram['fragments']): Udp | undefined => {
  let bytes = '';
  let next: Ipv4 | undefined = first;
  while (next?.mf && lengthOf(opaqueBytes(next)) > 0) {
    bytes += opaqueBytes(next);
    next = fragments.get(lengthOf(bytes));
  }
  if (!next || next.mf) return undefined;
  bytes += opaqueBytes(next);
  if (headerLength(first) + lengthOf(bytes) > MAX_BYTES) return undefined;
  const whole = decode(encode({ ...unfragmented(first), payload: { kind: 'opaque', bytes, why: 'fragment' } }));
  return whole.kind === 'ipv4' && whole.payload.kind === 'udp' ? whole.payload : undefined;
};

/** The coloured datagram, UDP header included, as far as its fragments reach. */
const bodyOf = (number: number, { first, reach, bytes, checksum }: Plan, tenant: number): Bytes => {
  const payload = colours(tenant, number, reach - UDP_HEADER);
  const head = first ? slice(opaqueBytes(first), 0, UDP_HEADER).padEnd(UDP_HEADER * 2, '0') : '00'.repeat(UDP_HEADER);
  const header = first && udpHeader(first);
  if (!header || headerLength(first) + bytes > MAX_BYTES) return flat(head + payload);
  const { sourcePort, destinationPort } = header;
  const length = header.length === bytes ? 'right' : { claimed: header.length };
  const datagram = stillWrong({
    ...unfragmented(first),
    payload: { kind: 'udp', sourcePort, destinationPort, length, checksum, payload: colours(tenant, number, bytes - UDP_HEADER) },
  });
  const start = headerLength(first);
  return flat(hexOf(encode(datagram).subarray(start, start + UDP_HEADER)) + payload);
};

const unfragmented = (first: Ipv4): Ipv4 => ({ ...first, mf: false, offset: 0, length: 'right', checksum: 'right', trailer: '' });

/** A checksum that was wrong stays wrong, even where the colours happen to ask for the very value that it has. */
const stillWrong = (packet: Ipv4): Ipv4 => {
  const { payload } = packet;
  if (payload.kind !== 'udp' || typeof payload.checksum === 'string') return packet;
  const again = decode(encode(packet));
  if (again.kind !== 'ipv4' || again.payload.kind !== 'udp' || again.payload.checksum !== 'right') return packet;
  return { ...packet, payload: { ...payload, checksum: { wrong: payload.checksum.wrong ^ 1 || 2 } } };
};

const colours = (tenant: number, number: number, bytes: number): Bytes =>
  flat(colouredPayload(tenant, number, Math.min(Math.max(bytes, 0), MAX_BYTES)).padEnd(bytes * 2, '0'));

/** The same text in one piece: one that was put together from parts keeps them all, ten times its size. */
const flat = (text: Bytes): Bytes => Buffer.from(text, 'latin1').toString('latin1');

/** Undefined where the first fragment does not hold it all. */
const udpHeader = (first: Ipv4) => {
  const bytes = opaqueBytes(first);
  if (lengthOf(bytes) < UDP_HEADER) return undefined;
  const field = (at: number): number => Number.parseInt(slice(bytes, at, at + 2), 16);
  return { sourcePort: field(0), destinationPort: field(2), length: field(4), checksum: field(6) };
};

const opaqueBytes = ({ payload }: Ipv4): Bytes => (payload.kind === 'opaque' ? payload.bytes : '');
const hexOf = (bytes: Uint8Array): Bytes => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
