/**
 * UDP: what makes a datagram invalid, and its timeouts. Source: RFC 768; nf_conntrack_proto_udp.c.
 */
import { payloadChecksumRight } from './checksum.ts';
import type { Header } from './header.ts';
import { float, long, short, word } from './memory.ts';
import { swapped } from './ports.ts';
import type { Protocol } from './protocol.ts';

/** The protocol number. */
export const UDP = 17;

/** A connection that saw a reply becomes a stream when it is older than this. */
const STREAM_AFTER_MS = 2000;

export const udp: Protocol = {
  read: ({ bytes, header }, key) => {
    if (!isValid(bytes, header)) return false;
    key.ports = long(bytes, header.headerLength);
    key.replyPorts = swapped(key.ports);
    return true;
  },
  open: ({ network }) => network.timeouts.udpMs,
  follow: ({ table, nowMs, network }, connection) => {
    const stream = word(table.seenReply, connection) === 1 && nowMs > float(table.createdMs, connection) + STREAM_AFTER_MS;
    if (stream) table.assured[connection] = 1;
    return stream ? network.timeouts.udpStreamMs : network.timeouts.udpMs;
  },
};

/** Whether tracking can rely on the datagram: a whole header, a length that fits, a checksum that is none or right. */
const isValid = (bytes: Uint8Array, header: Header): boolean => {
  const start = header.headerLength;
  const present = header.totalLength - start;
  if (present < 8) return false;
  const claimed = short(bytes, start + 4);
  if (claimed < 8 || claimed > present) return false;
  return short(bytes, start + 6) === 0 || payloadChecksumRight(bytes, UDP, start, present);
};
