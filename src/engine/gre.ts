/**
 * GRE: one flow between two hosts, and one for each call id of PPTP. Source: RFC 2784, RFC 2637; nf_conntrack_proto_gre.c.
 */
import { byte, short, word } from './memory.ts';
import { swapped } from './ports.ts';
import type { Protocol } from './protocol.ts';

/** The protocol number. */
export const GRE = 47;

const PPP = 0x880b;

export const gre: Protocol = {
  read: ({ bytes, header }, key) => {
    const start = header.headerLength;
    const names = header.totalLength - start >= 8 && (byte(bytes, start + 1) & 0x07) === 1;
    // The source port stays 0: only a helper could know the other end's call id.
    key.ports = names ? short(bytes, start + 6) : 0;
    key.replyPorts = swapped(key.ports);
    return !names || short(bytes, start + 2) === PPP;
  },
  open: ({ network }) => network.timeouts.greMs,
  follow: ({ table, network }, connection) =>
    word(table.seenReply, connection) === 1 ? network.timeouts.greStreamMs : network.timeouts.greMs,
};
