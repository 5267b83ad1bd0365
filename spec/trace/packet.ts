/**
 * A packet, as plain data.
 *
 * What a layer cannot express stays bytes at that layer, with the reason, so every byte string is a packet and no
 * packet is repaired in silence. Lengths and checksums say whether they are right instead of repeating a number.
 *
 * Source: RFC 791 (IPv4).
 */
import { ICMP, SCTP, TCP, type Transport, UDP, UDP_LITE } from './transport.ts';

/** Bytes as lowercase hexadecimal, two digits a byte; `''` is no bytes. */
export type Bytes = string;

/** An IPv4 address in dotted decimal without leading zeros, `'10.0.0.1'`. */
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
export type Packet = Ipv4 | Raw;

/** Not an IPv4 header: too short for one, of another version, or with a header length that cannot be. */
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

/** An IPv4 payload that is not looked into. */
export type Opaque = {
  readonly kind: 'opaque';
  readonly bytes: Bytes;
  /**
   * A fragment (first ones too), a protocol that is not looked into, less than its header, a header length that cannot
   * be, or an IPv4 length that is not right.
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

/** More fragments, or an offset: netfilter's ip_is_fragment(). */
export const isFragment = (packet: Ipv4): boolean => packet.mf || packet.offset > 0;

/** The header's length in bytes, 20..60. */
export const headerLength = (packet: Ipv4): number => 20 + lengthOf(packet.options);
