/**
 * Datagrams: which packets of a capture belong together, as fragments or as exact duplicates.
 */
import { fragmentOf, headerLength, lengthOf } from '../../spec/trace/packet.ts';
import type { Bytes, Ip } from '../../spec/trace/packet.ts';
import { decode, encode } from '../packet/index.ts';

/** A captured packet, and the virtual time (ms) at which it is played. */
export type Played = { readonly packet: Ip; readonly atMs: number };

export type Datagram = {
  /** From 0, in the order of their first packets. */
  readonly index: number;
  readonly sinceMs: number;
  /** Its fragments by offset, or itself if it came whole. */
  readonly parts: ReadonlyMap<number, Ip>;
};

/** Linux: ipfrag_time. What comes later under the same key is another datagram. */
const FRAGMENT_MS = 30_000;
/** What IP's length field can say, which in IPv6 counts from behind its header. */
export const MAX_LENGTH = 0xffff;
const HEADER6 = 40;

/** The datagram that each packet is, or belongs to. */
export const datagramsOf = (played: readonly Played[]): readonly Datagram[] => {
  const open = new Map<string, Datagram & { parts: Map<number, Ip> }>();
  let count = 0;
  return played.map(({ packet, atMs }) => {
    const { source, destination, protocol } = packet;
    const key = isPart(packet) ? `${source} ${destination} ${protocol} ${fragmentOf(packet)?.id}` : latin1(encode(packet));
    let datagram = open.get(key);
    if (!datagram || (isPart(packet) && !belongs(packet, atMs, datagram))) {
      datagram = { index: count, sinceMs: atMs, parts: new Map() };
      count += 1;
      open.set(key, datagram);
    }
    datagram.parts.set(offsetOf(packet), packet);
    return datagram;
  });
};

/** A fragment that can be part of something: one of a wrong length is not. */
export const isPart = ({ payload }: Ip): boolean => payload.kind === 'opaque' && payload.why === 'fragment';

/** The place of a packet's bytes in its datagram. */
export const offsetOf = (packet: Ip): number => fragmentOf(packet)?.offset ?? 0;

const hasMore = (packet: Ip): boolean => fragmentOf(packet)?.mf ?? false;

/** In time, and not another fragment than the one known at its place. */
const belongs = (packet: Ip, atMs: number, { sinceMs, parts }: Datagram): boolean => {
  const known = parts.get(offsetOf(packet));
  return atMs - sinceMs < FRAGMENT_MS && (!known || (hasMore(known) === hasMore(packet) && dataOf(known) === dataOf(packet)));
};

/** What IP carries in a packet, as bytes: all behind its headers, or behind the first `headers` bytes of them. */
export const dataOf = (packet: Ip, headers = headerLength(packet)): Bytes => {
  if (packet.payload.kind === 'opaque' && headers === headerLength(packet)) return packet.payload.bytes;
  const bytes = encode(packet);
  return Buffer.from(bytes.buffer, bytes.byteOffset + headers, bytes.length - headers - lengthOf(packet.trailer)).toString('hex');
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
    if (!hasMore(part) || data === '') break;
    part = parts.get(reach);
  }
  return { bytes: held.join(''), isAll: part !== undefined && !hasMore(part) };
};

/** A datagram as one packet, and its bytes behind the header that each of its fragments has. */
export type Whole = { readonly packet: Ip; readonly headers: number };

/** The datagram with these bytes, in the header of its first part; undefined if they are too many for one. */
export const wholeOf = (first: Ip, bytes: Bytes): Whole | undefined => {
  const header = unfragmented(first);
  const headers = headerLength(header);
  if (headers - (first.kind === 'ipv6' ? HEADER6 : 0) + lengthOf(bytes) > MAX_LENGTH) return undefined;
  const packet = decode(encode({ ...header, payload: { kind: 'opaque', bytes, why: 'fragment' } }));
  return packet.kind === 'raw' ? undefined : { packet, headers };
};

/** In IPv6 the fragment header is the last one that can be read in a fragment. */
const unfragmented = (first: Ip): Ip =>
  first.kind === 'ipv4'
    ? { ...first, mf: false, offset: 0, length: 'right', checksum: 'right', trailer: '' }
    : { ...first, extensions: isPart(first) ? first.extensions.slice(0, -1) : first.extensions, length: 'right', trailer: '' };

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
