/**
 * What IP carries, as far as a header of its own can be read: the transport protocols.
 *
 * Each ends in a payload, whose meaning is the sender's. The ones that have ports name them alike.
 *
 * Source: RFC 768 (UDP), RFC 9293 (TCP), RFC 792 (ICMP), RFC 4443 (ICMPv6), RFC 3828 (UDP-Lite), RFC 9260 (SCTP).
 */
import type { Bytes, Checksum, Length, SignedChecksum } from './packet.ts';

export type Transport = Udp | Tcp | Icmp | UdpLite | Sctp;

/** Protocol numbers. */
export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
export const GRE = 47;
export const ICMPV6 = 58;
export const SCTP = 132;
export const UDP_LITE = 136;

export type Udp = {
  readonly kind: 'udp';
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Claimed: differs from the bytes that the IP header gives to UDP. */
  readonly length: Length;
  /**
   * `none` is the value 0. Right means right over all bytes that the IP header gives to UDP, with their number in
   * the pseudo header, which is what netfilter verifies (nf_ip_checksum), even where UDP's own length is smaller.
   */
  readonly checksum: Checksum | 'none';
  /** Everything after the UDP header. */
  readonly payload: Bytes;
};

export type Tcp = {
  readonly kind: 'tcp';
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** 0..2^32-1. */
  readonly sequence: number;
  /** 0..2^32-1, also where the flag A does not make it count. */
  readonly acknowledgement: number;
  /** The four bits behind the header's length, 0..15. */
  readonly reserved: number;
  readonly flags: TcpFlags;
  /** Unscaled, 0..65535. */
  readonly window: number;
  readonly checksum: SignedChecksum;
  readonly urgent: number;
  /** 0..40 bytes, a multiple of 4 long, padding included. */
  readonly options: Bytes;
  readonly payload: Bytes;
};

/** The flags that are set, as letters in this order: FIN, SYN, RST, PSH, ACK, URG, ECE, CWR give `FSRPAUEC`. */
export type TcpFlags = string;

/** The letter of each flag, lowest bit first. */
export const TCP_FLAGS = ['F', 'S', 'R', 'P', 'A', 'U', 'E', 'C'] as const;

export type Icmp = {
  readonly kind: 'icmp';
  /** 0..255. */
  readonly type: number;
  /** 0..255. */
  readonly code: number;
  readonly checksum: SignedChecksum;
  /** The fifth and sixth byte: what names a query; an error leaves it 0. 0..65535. */
  readonly identifier: number;
  /** The seventh and eighth byte: the number of a query; in "fragmentation needed" the MTU. 0..65535. */
  readonly sequence: number;
  /** Everything after: a query's data, or the packet that an error quotes. */
  readonly payload: Bytes;
};

export type UdpLite = {
  readonly kind: 'udp-lite';
  readonly sourcePort: number;
  readonly destinationPort: number;
  /**
   * Bytes that the checksum covers, header included. 0 is all of them; 1..7 and more than IP carries mean nothing, and
   * then the checksum is taken over all.
   */
  readonly coverage: number;
  /**
   * `none` is the value 0. `as Linux` is what would be right if the pseudo header named UDP, and in IPv4 the length's low
   * eight bits instead, as Linux has it (spec/profile.ts).
   */
  readonly checksum: Checksum | 'as Linux' | 'none';
  /** Everything after the header, covered or not. */
  readonly payload: Bytes;
};

export type Sctp = {
  readonly kind: 'sctp';
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** The verification tag, 0..2^32-1: names the receiver's end of the association. */
  readonly tag: number;
  /** The CRC32c over all of the packet, or the 32-bit value (first byte highest) that stands there instead. */
  readonly checksum: Checksum;
  /** The chunks, as bytes: `chunksOf` in spec/wire/sctp.ts reads them. */
  readonly payload: Bytes;
};
