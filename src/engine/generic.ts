/**
 * Every protocol without a module of its own: one flow for each pair of hosts. Source: nf_conntrack_proto_generic.c.
 */
import type { Protocol } from './protocol.ts';

/** Each is invalid over the other's version of IP. */
const ICMP = 1;
const ICMPV6 = 58;

export const generic: Protocol = {
  read: ({ header }, key) => {
    key.ports = 0;
    key.replyPorts = 0;
    return header.protocol !== (header.version === 6 ? ICMP : ICMPV6);
  },
  open: ({ network }) => network.timeouts.genericMs,
  follow: ({ network }) => network.timeouts.genericMs,
};
