/**
 * GRE: one flow between two hosts, and one for each call id of PPTP. Source: RFC 2784, RFC 2637; nf_conntrack_proto_gre.c.
 */
import { CREATED_MS } from './connections.ts';
import { byte, float, short, word } from './memory.ts';
import { swapped } from './ports.ts';
import { LAST, type Protocol } from './protocol.ts';

/** The protocol number. */
export const GRE = 47;

const PPP = 0x880b;

export const gre: Protocol = {
  read: ({ bytes, header }, key) => {
    key.ports = grePorts(bytes, header.headerLength, header.totalLength);
    key.replyPorts = swapped(key.ports);
    return isFlow(bytes, header.headerLength, header.totalLength);
  },
  open: ({ network }) => network.timeouts.greMs,
  // The packet that makes a connection gives it its timeouts: one that control made has none.
  follow: ({ table, network }, connection) => {
    if (float(table.createdMs, connection) === CREATED_MS) return LAST;
    if (word(table.seenReply, connection) === 0) return network.timeouts.greMs;
    table.assured[connection] = 1;
    return network.timeouts.greStreamMs;
  },
};

/** Version 1, and long enough for a call id. */
const namesCall = (bytes: Uint8Array, start: number, end: number): boolean => end - start >= 8 && (byte(bytes, start + 1) & 0x07) === 1;

/** What stands for ports. The source port stays 0: only a helper could know the other end's call id. */
export const grePorts = (bytes: Uint8Array, start: number, end: number): number =>
  namesCall(bytes, start, end) ? short(bytes, start + 6) : 0;

/** Whether the bytes name a flow: a call must carry PPP. */
export const isFlow = (bytes: Uint8Array, start: number, end: number): boolean =>
  !namesCall(bytes, start, end) || short(bytes, start + 2) === PPP;
