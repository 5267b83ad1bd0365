/**
 * Every protocol without a chapter of its own (ESP, AH, IPIP, OSPF, 0, 255 ...): one flow for each pair of hosts.
 *
 * Source: nf_ct_get_tuple(), default; nf_conntrack_proto_generic.c. DCCP is one of them since Linux 6.16.
 */
import { type Inspection, type Protocol, refreshed } from './protocol.ts';
import type { Rules } from './rule.ts';
import type { Bytes, Ip } from './trace/packet.ts';
import { ICMP, ICMPV6 } from './trace/transport.ts';
import { tupleOf } from './tuple.ts';

export const genericRules = {
  'generic.flow': {
    sentence: 'A packet of another protocol belongs to the one flow of its protocol between its hosts, even if it is empty.',
    source: 'nf_ct_get_tuple(), default: ports are 0',
  },
  'generic.other-icmp': {
    sentence: 'The ICMP of the other version of IP is invalid.',
    source: 'nf_conntrack_icmp_packet(), NFPROTO_IPV4; nf_conntrack_icmpv6_packet(), NFPROTO_IPV6',
  },
  'generic.timer': {
    sentence: 'Every packet gives the connection the same timeout, answered or not.',
    source: 'generic_packet(), nf_conntrack_generic_timeout',
  },
} as const satisfies Rules;

/** The flow of a protocol. */
export const inspectGeneric = (packet: Ip): Inspection =>
  packet.protocol === (packet.kind === 'ipv4' ? ICMPV6 : ICMP)
    ? { rule: 'generic.other-icmp' }
    : { rule: 'generic.flow', tuple: tupleOf(packet, { sourcePort: 0, destinationPort: 0 }) };

export const generic: Protocol<Bytes> = {
  open: (_bytes, connection, moment) => refreshed(connection, moment, moment.network.timeouts.genericMs, 'generic.timer'),
  follow: (_bytes, connection, _direction, moment) => refreshed(connection, moment, moment.network.timeouts.genericMs, 'generic.timer'),
};
