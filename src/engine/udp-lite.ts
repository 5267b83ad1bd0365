/**
 * UDP-Lite: UDP with a checksum over a part. Source: RFC 3828; nf_conntrack_proto_udp.c up to Linux 6.x.
 */
import { partChecksumRight } from './checksum.ts';
import { long, short, word } from './memory.ts';
import { swapped } from './ports.ts';
import type { Protocol } from './protocol.ts';

/** The protocol number. */
export const UDP_LITE = 136;

export const udpLite: Protocol = {
  read: ({ bytes, header }, key) => {
    const start = header.headerLength;
    const present = header.totalLength - start;
    if (present < 8) return false;
    const named = short(bytes, start + 4);
    const covered = named === 0 ? present : named;
    if (covered < 8 || covered > present) return false;
    if (short(bytes, start + 6) === 0 || !partChecksumRight(bytes, UDP_LITE, start, present, covered)) return false;
    key.ports = long(bytes, start);
    key.replyPorts = swapped(key.ports);
    return true;
  },
  open: ({ network }) => network.timeouts.udpMs,
  follow: ({ table, network }, connection) => {
    if (word(table.seenReply, connection) === 0) return network.timeouts.udpMs;
    table.assured[connection] = 1;
    return network.timeouts.udpStreamMs;
  },
};
