/**
 * Offload: what a capture shows where the sending host left work to its network card.
 *
 * Such a frame was never on a wire as it stands in the file. What the card would have filled in is filled in here, and
 * said; a frame that no IP packet can hold is left out.
 *
 * A large segment that a card would have cut is played as one, as its host's own connection tracking sees it.
 *
 * Source: CHECKSUM_PARTIAL in include/linux/skbuff.h (the field holds the sum of the pseudo header, folded, not
 * complemented); udp4_hwcsum(), __tcp_v4_send_check(); sctp_packet_pack() (a field of 0); BIG TCP and Windows LSO write a
 * length of 0.
 */
import { headerLength } from '../../spec/trace/packet.ts';
import type { Ip, Packet } from '../../spec/trace/packet.ts';
import { pseudoHeader } from '../../spec/wire/checksum.ts';
import { transportLength } from '../../spec/wire/transport.ts';
import { checksumOf } from '../packet/checksum.ts';
import { decode, encode } from '../packet/index.ts';

/** A packet as a wire would have carried it. */
export type Onloaded = {
  readonly packet: Packet;
  /** What was repaired, and what is unusual though nothing was done; a few words each. */
  readonly notes: readonly string[];
};

/** The most bytes that the length field can say, which in IPv6 counts from behind its header. */
const MAX_LENGTH = 0xffff;
const HEADER6 = 40;
/** What a network carries in one packet where nobody arranged for more. */
const USUAL_MTU = 1500;

export const NOTES = {
  totalLength: 'IPv4 total length 0 (segmentation offload): set to what the frame holds',
  payloadLength: 'IPv6 payload length 0 (segmentation offload): set to what the frame holds',
  headerChecksum: 'IPv4 header checksum 0 (checksum offload): made right',
  udpLength: 'UDP length 0 (segmentation offload): made right',
  partialChecksum: 'checksum of the pseudo header only (checksum offload): made right',
  sctpChecksum: 'SCTP checksum 0 (checksum offload): made right',
  large: `unfragmented and above ${USUAL_MTU} bytes (segmentation offload, jumbo frames or loopback): played as one datagram`,
} as const;

/** `bytes` is what the link layer carried, from the IP header on; undefined where no packet can hold it. */
export const withoutOffload = (bytes: Uint8Array): Onloaded | undefined => {
  if (bytes.length > MAX_LENGTH + ((bytes[0] ?? 0) >>> 4 === 6 ? HEADER6 : 0)) return undefined;
  const notes: string[] = [];
  let packet = decode(bytes);
  const change = (note: string, changed: Ip): void => {
    notes.push(note);
    packet = decode(encode(changed));
  };

  if (packet.kind === 'ipv4' && packet.length !== 'right' && packet.length.claimed === 0) {
    change(NOTES.totalLength, { ...packet, length: 'right', checksum: 'right' });
  }
  if (packet.kind === 'ipv4' && typeof packet.checksum === 'object' && packet.checksum.wrong === 0) {
    change(NOTES.headerChecksum, { ...packet, checksum: 'right' });
  }
  if (packet.kind === 'ipv6' && bytes.length > USUAL_MTU && bytes[4] === 0 && bytes[5] === 0 && packet.extensions.length === 0) {
    notes.push(NOTES.payloadLength);
    packet = decode(withLength6(bytes));
  }
  if (packet.kind !== 'raw' && packet.payload.kind !== 'opaque' && headerLength(packet) + transportLength(packet.payload) > USUAL_MTU) {
    notes.push(NOTES.large);
    const { payload } = packet;
    if (payload.kind === 'udp' && payload.length !== 'right' && payload.length.claimed === 0) {
      change(NOTES.udpLength, { ...packet, payload: { ...payload, length: 'right' } });
    }
  }
  if (packet.kind !== 'raw' && packet.payload.kind === 'sctp' && packet.payload.checksum !== 'right' && packet.payload.checksum.wrong === 0) {
    change(NOTES.sctpChecksum, { ...packet, payload: { ...packet.payload, checksum: 'right' } });
  }
  const completed = packet.kind === 'raw' ? undefined : withoutPartialChecksum(packet);
  if (completed) change(NOTES.partialChecksum, completed);
  return { packet, notes };
};

/** The packet with a right checksum, if it holds the sum of a pseudo header, which ICMP over IPv4 and SCTP have not. */
const withoutPartialChecksum = (packet: Ip): Ip | undefined => {
  const { kind, source, destination, protocol, payload } = packet;
  if (payload.kind === 'opaque' || payload.kind === 'sctp' || (payload.kind === 'icmp' && kind === 'ipv4')) return undefined;
  const sum = checksumOf(pseudoHeader(source, destination, protocol, transportLength(payload))) ^ 0xffff;
  const isPartial = typeof payload.checksum === 'object' && payload.checksum.wrong === sum;
  return isPartial ? { ...packet, payload: { ...payload, checksum: 'right' } } : undefined;
};

/** The same bytes with all behind the header for a payload. */
const withLength6 = (bytes: Uint8Array): Uint8Array => {
  const changed = Buffer.from(bytes);
  changed.writeUInt16BE(bytes.length - HEADER6, 4);
  return changed;
};
