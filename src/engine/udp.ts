/**
 * UDP: what makes a datagram invalid, and its timeouts. Source: RFC 768; nf_conntrack_proto_udp.c.
 */
import { payloadChecksumRight } from './checksum.ts';
import type { Header } from './header.ts';
import { long, short } from './memory.ts';

/** The protocol number. */
export const UDP = 17;

/** A connection that saw a reply becomes a stream when it is older than this. */
const STREAM_AFTER_MS = 2000;

/** Whether tracking can rely on the datagram: a whole header, a length that fits, a checksum that is none or right. */
export const isValidUdp = (bytes: Uint8Array, header: Header): boolean => {
  const start = header.headerLength;
  const present = header.totalLength - start;
  if (present < 8) return false;
  const claimed = short(bytes, start + 4);
  if (claimed < 8 || claimed > present) return false;
  return short(bytes, start + 6) === 0 || payloadChecksumRight(bytes, UDP, start, present);
};

/** Source port in the upper half, destination port in the lower. */
export const portsOf = (bytes: Uint8Array, header: Header): number => long(bytes, header.headerLength);

/** Whether a packet now keeps its connection for the stream's timeout. */
export const isStream = (seenReply: boolean, createdMs: number, nowMs: number): boolean =>
  seenReply && nowMs > createdMs + STREAM_AFTER_MS;
