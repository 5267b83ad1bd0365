/**
 * A packet, as plain data.
 *
 * What a layer cannot express stays bytes at that layer, with the reason, so every byte string is a packet and no
 * packet is repaired in silence. Lengths and checksums say whether they are right instead of repeating a number.
 *
 * Source: RFC 791 (IPv4), RFC 8200 (IPv6).
 */
import { ICMP, ICMPV6, SCTP, TCP, type Transport, UDP, UDP_LITE } from './transport.ts';

/** Bytes as lowercase hexadecimal, two digits a byte; `''` is no bytes. */
export type Bytes = string;

/**
 * An IPv4 address in dotted decimal without leading zeros, `'10.0.0.1'`; or an IPv6 address as RFC 5952 writes it, all of
 * it in hexadecimal, `'fd00::1'`. So equal text is an equal address, and no address is of both kinds.
 */
export type Address = string;

/** The checksum that the bytes ask for, or another value of its size: 16 bits but in SCTP, where it has 32. */
export type Checksum = 'right' | { readonly wrong: number };

/**
 * A checksum that is 0 where right may be ffff as well, called `negative zero`: in one's complement both are zero, and
 * both are accepted.
 */
export type SignedChecksum = Checksum | 'negative zero';

/** A length field: what is really there, or another 16-bit value that it claims. */
export type Length = 'right' | { readonly claimed: number };

/** Anything that can arrive on a device. */
export type Packet = Ip | Raw;

/** A packet with a header that can be read. What both versions have is named alike. */
export type Ip = Ipv4 | Ipv6;

/** Neither IPv4 nor IPv6: too short for its header, of another version, or with a header length that cannot be. */
export type Raw = {
  readonly kind: 'raw';
  readonly bytes: Bytes;
  readonly why: 'short' | 'version' | 'header-length';
};

export type Ipv4 = {
  readonly kind: 'ipv4';
  readonly source: Address;
  readonly destination: Address;
  /** The whole octet: DSCP and, in the low two bits, ECN. 0..255. */
  readonly tos: number;
  /** Identification, 0..65535. */
  readonly id: number;
  /** The reserved flag bit, which senders leave clear. */
  readonly reserved: boolean;
  /** Don't fragment. */
  readonly df: boolean;
  /** More fragments. */
  readonly mf: boolean;
  /** Fragment offset in bytes: a multiple of 8, 0..65528. */
  readonly offset: number;
  /** 0..255. */
  readonly ttl: number;
  /** 0..255; the payload's own where that is a transport. */
  readonly protocol: number;
  /** 0..40 bytes, a multiple of 4 long. */
  readonly options: Bytes;
  /** Total length. Claimed: below the header's length or above the bytes present; then the trailer is empty. */
  readonly length: Length;
  readonly checksum: SignedChecksum;
  readonly payload: Transport | Opaque;
  /** Bytes after the total length, as a link layer's padding is. */
  readonly trailer: Bytes;
};

export type Ipv6 = {
  readonly kind: 'ipv6';
  readonly source: Address;
  readonly destination: Address;
  /** The whole octet: DSCP and, in the low two bits, ECN. 0..255. */
  readonly trafficClass: number;
  /** 0..2^20-1. */
  readonly flowLabel: number;
  /** 0..255. */
  readonly hopLimit: number;
  /** In the order in which they stand, each whole; empty where the length is not right. */
  readonly extensions: readonly Extension[];
  /** What the last header calls next, 0..255: what the payload is, be it an extension header that cannot be read. */
  readonly protocol: number;
  /** Payload length, extension headers included. Claimed: above the bytes present; then the trailer is empty. */
  readonly length: Length;
  readonly payload: Transport | Opaque;
  /** Bytes after the payload length, as a link layer's padding is. */
  readonly trailer: Bytes;
};

/** An extension header without its first byte, which names the next one, and its length. Source: RFC 8200 section 4. */
export type Extension = Options | FragmentHeader;

export type Options = {
  readonly kind: 'hop-by-hop' | 'routing' | 'destination-options' | 'authentication';
  /** All behind the length: 6 bytes, 14, 22 ... 2046; of an authentication header (RFC 4302) 6, 10, 14 ... 1026. */
  readonly data: Bytes;
};

export type FragmentHeader = {
  readonly kind: 'fragment';
  /** Identification, 0..2^32-1. */
  readonly id: number;
  /** Fragment offset in bytes: a multiple of 8, 0..65528. */
  readonly offset: number;
  /** More fragments. */
  readonly mf: boolean;
  /** The reserved byte and, below it, the two reserved bits, all of which senders leave clear. 0..1023. */
  readonly reserved: number;
};

/** An IP payload that is not looked into. */
export type Opaque = {
  readonly kind: 'opaque';
  readonly bytes: Bytes;
  /**
   * A fragment (first ones too), a protocol that is not looked into, less than its header, a header length that cannot
   * be, or an IP length that is not right. Of an extension header: less than two bytes, and a length that cannot be.
   */
  readonly why: 'fragment' | 'protocol' | 'short' | 'header-length' | 'length';
};

/** The protocol number of each transport. */
const PROTOCOLS: Readonly<Record<Transport['kind'], number>> = { icmp: ICMP, tcp: TCP, udp: UDP, 'udp-lite': UDP_LITE, sctp: SCTP };

/** An IPv4 packet as most are, whole and right in everything, but for what is said. The id is 0; opaque bytes are UDP's. */
export const ipv4 = ({
  source,
  destination,
  tos = 0,
  id = 0,
  reserved = false,
  df = false,
  mf = false,
  offset = 0,
  ttl = 64,
  payload,
  protocol = payload.kind === 'opaque' ? UDP : PROTOCOLS[payload.kind],
  options = '',
  length = 'right',
  checksum = 'right',
  trailer = '',
}: Pick<Ipv4, 'source' | 'destination' | 'payload'> & Partial<Ipv4>): Ipv4 => ({
  kind: 'ipv4',
  source,
  destination,
  tos,
  id,
  reserved,
  df,
  mf,
  offset,
  ttl,
  protocol,
  options,
  length,
  checksum,
  payload,
  trailer,
});

/** An IPv6 packet as most are, whole and right in everything, but for what is said. Opaque bytes are UDP's. */
export const ipv6 = ({
  source,
  destination,
  payload,
  ...others
}: Pick<Ipv6, 'source' | 'destination' | 'payload'> & Partial<Ipv6>): Ipv6 => ({
  kind: 'ipv6',
  source,
  destination,
  trafficClass: 0,
  flowLabel: 0,
  hopLimit: 64,
  extensions: [],
  protocol: payload.kind === 'opaque' ? UDP : payload.kind === 'icmp' ? ICMPV6 : PROTOCOLS[payload.kind],
  length: 'right',
  payload,
  trailer: '',
  ...others,
});

/** The number of bytes. */
export const lengthOf = (bytes: Bytes): number => bytes.length / 2;

/** The bytes from `start` up to, not including, `end` (both in bytes). */
export const slice = (bytes: Bytes, start: number, end?: number): Bytes =>
  bytes.slice(start * 2, end === undefined ? undefined : end * 2);

/** The number that `size` bytes from `at` on are, highest first; NaN if there are none. */
export const numberAt = (bytes: Bytes, at: number, size: number): number => Number.parseInt(slice(bytes, at, at + size), 16);

/** A number in `size` bytes, highest first. */
export const bytesOf = (value: number, size: number): Bytes => value.toString(16).padStart(size * 2, '0');

/** What a transport carries, or all bytes of what is not looked into. */
export const carried = (payload: Transport | Opaque): Bytes => (payload.kind === 'opaque' ? payload.bytes : payload.payload);

/** The fields by which a fragment finds its datagram and its place in it. */
export type Fragment = Pick<Ipv4, 'id' | 'offset' | 'mf'>;

/** The same fields of a packet that is a part of another one: with more to follow, or an offset. Else undefined. */
export const fragmentOf = (packet: Ip): Fragment | undefined => {
  const fields = packet.kind === 'ipv4' ? packet : packet.extensions.at(-1);
  return fields && 'mf' in fields && (fields.mf || fields.offset > 0) ? fields : undefined;
};

/** More fragments, or an offset: netfilter's ip_is_fragment(). Not so what has a fragment header and is whole. */
export const isFragment = (packet: Ip): boolean => fragmentOf(packet) !== undefined;

/** All headers up to the payload, in bytes: 20..60 for IPv4, 40 and more for IPv6. */
export const headerLength = (packet: Ip): number =>
  packet.kind === 'ipv4' ? 20 + lengthOf(packet.options) : 40 + packet.extensions.reduce((sum, header) => sum + extensionLength(header), 0);

/** The bytes of one extension header. */
export const extensionLength = (header: Extension): number => (header.kind === 'fragment' ? 8 : 2 + lengthOf(header.data));

/** The octet of DSCP and ECN. */
export const serviceOf = (packet: Ip): number => (packet.kind === 'ipv4' ? packet.tos : packet.trafficClass);

/** The hops that are left. */
export const hopsOf = (packet: Ip): number => (packet.kind === 'ipv4' ? packet.ttl : packet.hopLimit);
