/**
 * A packet, as plain data.
 *
 * What a layer cannot express stays bytes at that layer, with the reason, so every byte string is a packet and no
 * packet is repaired in silence. Lengths and checksums say whether they are right instead of repeating a number.
 *
 * Source: RFC 791 (IPv4), RFC 768 (UDP).
 */

/** Bytes as lowercase hexadecimal, two digits a byte; `''` is no bytes. */
export type Bytes = string;

/** An IPv4 address in dotted decimal without leading zeros, `'10.0.0.1'`. */
export type Address = string;

/** The checksum that the bytes ask for, or another 16-bit value. */
export type Checksum = 'right' | { readonly wrong: number };

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
  /** 0..255; 17 where the payload is UDP. */
  readonly protocol: number;
  /** 0..40 bytes, a multiple of 4 long. */
  readonly options: Bytes;
  /** Total length. Claimed: below the header's length or above the bytes present; then the trailer is empty. */
  readonly length: Length;
  /** `negative zero` is ffff where 0 is right: in one's complement both are zero, and both are accepted. */
  readonly checksum: Checksum | 'negative zero';
  readonly payload: Udp | Opaque;
  /** Bytes after the total length, as a link layer's padding is. */
  readonly trailer: Bytes;
};

export type Udp = {
  readonly kind: 'udp';
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Claimed: differs from the bytes that the IPv4 header gives to UDP. */
  readonly length: Length;
  /**
   * `none` is the value 0. Right means right over all bytes that the IPv4 header gives to UDP, with their number in
   * the pseudo header, which is what netfilter verifies (nf_ip_checksum), even where UDP's own length is smaller.
   */
  readonly checksum: Checksum | 'none';
  /** Everything after the UDP header. */
  readonly payload: Bytes;
};

/** An IPv4 payload that is not looked into. */
export type Opaque = {
  readonly kind: 'opaque';
  readonly bytes: Bytes;
  /** A fragment (first ones too), another protocol than UDP, less than a UDP header, or an IPv4 length that is not right. */
  readonly why: 'fragment' | 'protocol' | 'short' | 'length';
};

/** The protocol number of UDP. */
export const UDP = 17;

/** An IPv4 packet as most are, whole and right in everything, but for what is said. The id is 0 and the protocol UDP. */
export const ipv4 = ({
  source,
  destination,
  payload,
  ...others
}: Pick<Ipv4, 'source' | 'destination' | 'payload'> & Partial<Ipv4>): Ipv4 => ({
  kind: 'ipv4',
  source,
  destination,
  tos: 0,
  id: 0,
  reserved: false,
  df: false,
  mf: false,
  offset: 0,
  ttl: 64,
  protocol: UDP,
  options: '',
  length: 'right',
  checksum: 'right',
  payload,
  trailer: '',
  ...others,
});

/** The number of bytes. */
export const lengthOf = (bytes: Bytes): number => bytes.length / 2;

/** The bytes from `start` up to, not including, `end` (both in bytes). */
export const slice = (bytes: Bytes, start: number, end?: number): Bytes =>
  bytes.slice(start * 2, end === undefined ? undefined : end * 2);

/** More fragments, or an offset: netfilter's ip_is_fragment(). */
export const isFragment = (packet: Ipv4): boolean => packet.mf || packet.offset > 0;

/** The header's length in bytes, 20..60. */
export const headerLength = (packet: Ipv4): number => 20 + lengthOf(packet.options);
