/**
 * Datagrams: which packets of a capture belong together, as fragments or as exact duplicates.
 */
import { headerLength, lengthOf } from '../../spec/trace/packet.ts';
import type { Bytes, Ipv4 } from '../../spec/trace/packet.ts';
import { decode, encode } from '../packet/index.ts';

/** A captured packet, and the virtual time (ms) at which it is played. */
export type Played = { readonly packet: Ipv4; readonly atMs: number };

export type Datagram = {
  /** From 0, in the order of their first packets. */
  readonly index: number;
  readonly sinceMs: number;
  /** Its fragments by offset, or itself if it came whole. */
  readonly parts: ReadonlyMap<number, Ipv4>;
};

/** Linux: ipfrag_time. What comes later under the same key is another datagram. */
const FRAGMENT_MS = 30_000;
/** What IPv4's total length can say. */
export const MAX_TOTAL = 0xffff;

/** The datagram that each packet is, or belongs to. */
export const datagramsOf = (played: readonly Played[]): readonly Datagram[] => {
  const open = new Map<string, Datagram & { parts: Map<number, Ipv4> }>();
  let count = 0;
  return played.map(({ packet, atMs }) => {
    const { source, destination, protocol, id } = packet;
    const key = isPart(packet) ? `${source} ${destination} ${protocol} ${id}` : latin1(encode(packet));
    let datagram = open.get(key);
    if (!datagram || (isPart(packet) && !belongs(packet, atMs, datagram))) {
      datagram = { index: count, sinceMs: atMs, parts: new Map() };
      count += 1;
      open.set(key, datagram);
    }
    datagram.parts.set(packet.offset, packet);
    return datagram;
  });
};

/** A fragment that can be part of something: one of a wrong length is not. */
export const isPart = ({ payload }: Ipv4): boolean => payload.kind === 'opaque' && payload.why === 'fragment';

/** In time, and not another fragment than the one known at its place. */
const belongs = (packet: Ipv4, atMs: number, { sinceMs, parts }: Datagram): boolean => {
  const known = parts.get(packet.offset);
  return atMs - sinceMs < FRAGMENT_MS && (!known || (known.mf === packet.mf && dataOf(known) === dataOf(packet)));
};

/** What IP carries in a packet, as bytes. */
export const dataOf = (packet: Ipv4): Bytes => {
  if (packet.payload.kind === 'opaque') return packet.payload.bytes;
  const bytes = encode(packet);
  return Buffer.from(bytes.buffer, bytes.byteOffset + headerLength(packet), bytes.length - headerLength(packet) - lengthOf(packet.trailer)).toString('hex');
};

/** The bytes of a datagram from its beginning on up to the first that is missing, and whether these are all. */
export const beginningOf = ({ parts }: Datagram): { readonly bytes: Bytes; readonly isAll: boolean } => {
  const held: Bytes[] = [];
  let part = parts.get(0);
  let reach = 0;
  while (part) {
    const data = dataOf(part);
    held.push(data);
    reach += lengthOf(data);
    if (!part.mf || data === '') break;
    part = parts.get(reach);
  }
  return { bytes: held.join(''), isAll: part !== undefined && !part.mf };
};

/** The datagram with these bytes as one packet, in the header of its first part; undefined if they are too many for one. */
export const wholeOf = (first: Ipv4, bytes: Bytes): Ipv4 | undefined => {
  if (headerLength(first) + lengthOf(bytes) > MAX_TOTAL) return undefined;
  const header = { ...first, mf: false, offset: 0, length: 'right', checksum: 'right', trailer: '' } as const;
  const whole = decode(encode({ ...header, payload: { kind: 'opaque', bytes, why: 'fragment' } }));
  return whole.kind === 'ipv4' ? whole : undefined;
};

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
