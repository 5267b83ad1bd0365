/**
 * UDP-Lite: UDP whose checksum is compulsory and may cover a part of the datagram only.
 *
 * Source: RFC 3828; udplite_error(), nf_conntrack_udplite_packet() (Linux up to 6.x; later ones track it as generic).
 */
import { match } from 'ts-pattern';
import type { Connection } from './connection.ts';
import type { Profile } from './profile.ts';
import { type Inspection, type Moment, type Protocol, refreshed } from './protocol.ts';
import type { Rules } from './rule.ts';
import { type Ip, lengthOf } from './trace/packet.ts';
import type { UdpLite } from './trace/transport.ts';
import { tupleOf } from './tuple.ts';

export const udpLiteRules = {
  'udp-lite.short': {
    sentence: 'A datagram shorter than a UDP-Lite header is invalid.',
    source: 'udplite_error(), "short packet"',
  },
  'udp-lite.coverage': {
    sentence: 'A coverage of 1 to 7 bytes, or of more than IP carries, is invalid; 0 covers all.',
    source: 'udplite_error(), "invalid checksum coverage"; RFC 3828 section 3.1',
  },
  'udp-lite.no-checksum': {
    sentence: 'A datagram without a checksum is invalid.',
    source: 'udplite_error(), "checksum missing"',
  },
  'udp-lite.checksum': {
    sentence: 'A checksum that is wrong for what it covers is invalid.',
    source: 'udplite_error(), "bad UDPLite checksum"; nf_conntrack_checksum=1',
  },
  'udp-lite.as-linux': {
    sentence: 'Where the pseudo header is taken to name UDP, and in IPv4 the low eight bits of the length, a right checksum is invalid.',
    source: 'udplite_error(), nf_ip_checksum_partial(), csum_tcpudp_nofold(): arguments swapped',
    under: { udpLiteChecksum: 'linux' },
  },
  'udp-lite.sane': {
    sentence: 'Any other UDP-Lite datagram has a tuple and is looked up.',
    source: 'nf_conntrack_in()',
  },
  'udp-lite.unreplied': {
    sentence: "Until a reply was seen every packet gives the connection UDP's short timeout; so does the first reply.",
    source: 'nf_conntrack_udplite_packet(), IPS_SEEN_REPLY is set after it',
  },
  'udp-lite.stream': {
    sentence: "Each packet of an answered connection gives it UDP's long timeout at once: there are no two seconds to wait.",
    source: 'nf_conntrack_udplite_packet(), UDP_CT_REPLIED',
  },
} as const satisfies Rules;

/** Whether a datagram has a tuple. */
export const inspectUdpLite = (packet: Ip, datagram: UdpLite, { udpLiteChecksum }: Profile): Inspection => {
  if (!coverageIsPossible(datagram)) return { rule: 'udp-lite.coverage' };
  return match([datagram.checksum, udpLiteChecksum])
    .returnType<Inspection>()
    .with(['none', 'udp-lite'], ['none', 'linux'], () => ({ rule: 'udp-lite.no-checksum' }))
    .with(['right', 'linux'], () => ({ rule: 'udp-lite.as-linux' }))
    .with(['right', 'udp-lite'], ['as Linux', 'linux'], () => ({ rule: 'udp-lite.sane', tuple: tupleOf(packet, datagram) }))
    .otherwise(() => ({ rule: 'udp-lite.checksum' }));
};

const coverageIsPossible = ({ coverage, payload }: UdpLite): boolean =>
  coverage === 0 || (coverage >= 8 && coverage <= 8 + lengthOf(payload));

export const udpLite: Protocol<UdpLite> = {
  open: (_datagram, connection, moment) => kept(connection, moment),
  follow: (_datagram, connection, _direction, moment) => kept(connection, moment),
};

const kept = (connection: Connection, moment: Moment) => {
  const { udpMs, udpStreamMs } = moment.network.timeouts;
  return connection.seenReply
    ? refreshed({ ...connection, assured: true }, moment, udpStreamMs, 'udp-lite.stream')
    : refreshed(connection, moment, udpMs, 'udp-lite.unreplied');
};
