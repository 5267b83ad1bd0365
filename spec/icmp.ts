/**
 * ICMP and ICMPv6: queries and their answers are connections; errors belong to the connection of the packet that they quote.
 *
 * Source: nf_conntrack_icmpv4_error(), nf_conntrack_icmp_packet(); sysctl nf_conntrack_icmp_timeout; the same
 * functions and setting of ICMPv6.
 */
import type { Connection } from './connection.ts';
import { icmpTypes } from './icmp-types.ts';
import { type Effect, type Inspection, type Moment, type Protocol, refreshed } from './protocol.ts';
import type { Rules } from './rule.ts';
import { isLinkLocal } from './scope.ts';
import type { Ip } from './trace/packet.ts';
import { ICMP, ICMPV6, type Icmp } from './trace/transport.ts';
import { icmpPorts, icmpTypeOf, tupleOf } from './tuple.ts';

export const icmpRules = {
  'icmp.short': {
    sentence: 'A message shorter than an ICMP header is invalid.',
    source: 'nf_conntrack_icmpv4_error(), "short packet"',
  },
  'icmp.checksum': {
    sentence: 'A wrong checksum is invalid, of queries and errors alike.',
    source: 'nf_conntrack_icmpv4_error(), "bad hw icmp checksum"; nf_conntrack_checksum=1',
  },
  'icmp.type': {
    sentence: 'A type of ICMP above 18 is invalid.',
    source: 'nf_conntrack_icmpv4_error(), NR_ICMP_TYPES',
  },
  'icmp.neighbours': {
    sentence: 'Messages by which IPv6 neighbours, routers and listeners find each other are not tracked.',
    source: 'nf_conntrack_icmpv6_error(), noct_valid_new',
  },
  'icmp.error': {
    sentence: 'An error is judged by the packet that it quotes, and never makes a connection.',
    source: 'nf_conntrack_icmpv4_error(), icmp_is_err()',
  },
  'icmp.message': {
    sentence: 'Any other message has a tuple of identifier, type and code, and is looked up.',
    source: 'icmp_pkt_to_tuple()',
  },
  'icmp.no-request': {
    sentence: 'Only a request begins a connection; and only of such a connection is a packet of ICMP, not of ICMPv6, valid.',
    source: 'nf_conntrack_icmp_packet(), nf_conntrack_icmpv6_packet(), valid_new',
  },
  'icmp.timeout': {
    sentence: 'Each query and each answer gives its connection the same time.',
    source: 'nf_conntrack_icmp_packet()',
  },
} as const satisfies Rules;

/** Whether a message has a tuple, is an error, or is not tracked. */
export const inspectIcmp = (packet: Ip, message: Icmp): Inspection => {
  const types = icmpTypes.get(packet.protocol);
  if (typeof message.checksum === 'object') return { rule: 'icmp.checksum' };
  if (!types || message.type > types.greatest) return { rule: 'icmp.type' };
  if (types.neighbours.has(message.type)) return { rule: 'icmp.neighbours' };
  if (types.errors.has(message.type)) return { rule: 'icmp.error' };
  return { rule: 'icmp.message', tuple: tupleOf(packet, icmpPorts(message)) };
};

export const icmp: Protocol<Icmp> = {
  open: (_message, connection, moment) => (isRequested(connection) ? kept(connection, moment) : NOT_REQUESTED),
  follow: (_message, connection, _direction, moment) =>
    connection.original.protocol === ICMPV6 || isRequested(connection) ? kept(connection, moment) : NOT_REQUESTED,
};

const NOT_REQUESTED: Effect = { kind: 'invalid', rules: ['icmp.no-request'] };

/** Control may have made one that no request began. */
const isRequested = ({ original }: Connection): boolean => icmpTypes.get(original.protocol)?.answers.has(icmpTypeOf(original)) ?? false;

const kept = (connection: Connection, moment: Moment): Effect => {
  const { icmpMs, icmp6Ms } = moment.network.timeouts;
  return refreshed(connection, moment, connection.original.protocol === ICMP ? icmpMs : icmp6Ms, 'icmp.timeout');
};

const REDIRECT = 137;

/** A redirect by a neighbour, which the kernel relates to what it redirects; any other is no message that has a place. */
export const isRedirect = (packet: Ip, { type, code }: Icmp): boolean =>
  packet.kind === 'ipv6' && type === REDIRECT && code === 0 && packet.hopLimit === 255 && isLinkLocal(packet.source);
