/**
 * GRE: a tunnel between two hosts, and the calls of PPTP inside it.
 *
 * A helper that listens to PPTP's control connection would know which two call ids belong together. None is modelled, so
 * the source port of a call is always 0, and no call is ever recognised as the answer to another.
 *
 * Source: RFC 2784, RFC 2890 (version 0), RFC 2637 (version 1); gre_pkt_to_tuple(), nf_conntrack_gre_packet().
 */
import type { Connection } from './connection.ts';
import { type Effect, type Inspection, type Moment, type Protocol, refreshed } from './protocol.ts';
import type { Rules } from './rule.ts';
import type { Bytes, Ip } from './trace/packet.ts';
import { type Ports, tupleOf } from './tuple.ts';
import { callOf } from './wire/gre.ts';

export const greRules = {
  'gre.tunnel': {
    sentence: 'GRE is one flow between two hosts, whatever its key; so is version 1 that is too short for a call id.',
    source: 'gre_pkt_to_tuple(), "try to behave like nf_conntrack_proto_generic"',
  },
  'gre.call': {
    sentence: 'PPP in version 1 is a flow for each call id, which stands for the destination port; the source port is 0.',
    source: 'gre_pkt_to_tuple(); gre_keymap_lookup() finds nothing',
  },
  'gre.no-ppp': {
    sentence: 'Version 1 that carries anything but PPP is invalid.',
    source: 'gre_pkt_to_tuple(), GRE_PROTO_PPP',
  },
  'gre.unreplied': {
    sentence: 'Until a reply was seen every packet gives the connection the short timeout; so does the first reply.',
    source: 'nf_conntrack_gre_packet(), IPS_SEEN_REPLY is set after it',
  },
  'gre.stream': {
    sentence: 'Each packet of an answered connection gives it the long timeout.',
    source: 'nf_conntrack_gre_packet(), stream_timeout',
  },
  'gre.by-control': {
    sentence: 'A connection that control made was given no timeouts, so its first packet is its last.',
    source: 'nf_conntrack_gre_packet(), proto.gre.timeout is set for the packet that makes a connection',
  },
} as const satisfies Rules;

const PPP = 0x880b;

/** The flow that GRE's bytes name. */
export const inspectGre = (packet: Ip, bytes: Bytes): Inspection => {
  const ports = grePorts(bytes);
  if (!ports) return { rule: 'gre.no-ppp' };
  return { rule: callOf(bytes) ? 'gre.call' : 'gre.tunnel', tuple: tupleOf(packet, ports) };
};

/** What stands for ports; undefined where the bytes name no flow. */
export const grePorts = (bytes: Bytes): Ports | undefined => {
  const call = callOf(bytes);
  if (!call) return { sourcePort: 0, destinationPort: 0 };
  return call.carries === PPP ? { sourcePort: 0, destinationPort: call.id } : undefined;
};

export const gre: Protocol<Bytes> = {
  open: (_bytes, connection, moment) => kept(connection, moment),
  follow: (_bytes, connection, _direction, moment) => kept(connection, moment),
};

const kept = (connection: Connection, moment: Moment): Effect => {
  if (connection.byControl) return { kind: 'last', rules: ['gre.by-control'] };
  const { greMs, greStreamMs } = moment.network.timeouts;
  return connection.seenReply ? refreshed({ ...connection, assured: true }, moment, greStreamMs, 'gre.stream') : refreshed(connection, moment, greMs, 'gre.unreplied');
};
