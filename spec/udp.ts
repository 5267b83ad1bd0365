/**
 * UDP: which datagrams are sane, and how long a connection lives.
 *
 * Source: udp_error(), nf_conntrack_udp_packet(); sysctls nf_conntrack_udp_timeout and nf_conntrack_udp_timeout_stream.
 */
import { match } from 'ts-pattern';
import type { Connection } from './connection.ts';
import { type Inspection, type Moment, type Protocol, refreshed } from './protocol.ts';
import type { Rules } from './rule.ts';
import { type Ip, lengthOf } from './trace/packet.ts';
import type { Udp } from './trace/transport.ts';
import { tupleOf } from './tuple.ts';

export const udpRules = {
  'udp.short': {
    sentence: 'A datagram shorter than a UDP header is invalid.',
    source: 'udp_error(), "short packet"',
  },
  'udp.length': {
    sentence: 'A UDP length below 8 or above what IP carries is invalid; a smaller one is fine.',
    source: 'udp_error(), "truncated/malformed packet"',
  },
  'udp.checksum': {
    sentence: 'A wrong checksum is invalid; no checksum is fine.',
    source: 'udp_error(), "bad checksum"; nf_conntrack_checksum=1',
  },
  'udp.sane': {
    sentence: 'Any other UDP datagram has a tuple and is looked up.',
    source: 'nf_conntrack_in()',
  },
  'udp.unreplied': {
    sentence: 'Until a reply was seen every packet gives the connection the short timeout; so does the first reply.',
    source: 'nf_conntrack_udp_packet(), IPS_SEEN_REPLY is set after it',
  },
  'udp.replied': {
    sentence: 'In the first two seconds of its life an answered connection keeps the short timeout.',
    source: 'nf_conntrack_udp_packet(), proto.udp.stream_ts',
  },
  'udp.stream': {
    sentence: 'After them each packet of an answered connection gives it the long timeout: it is a stream, and assured.',
    source: 'nf_conntrack_udp_packet(), UDP_CT_REPLIED',
    under: { udpStream: 'after-two-seconds' },
  },
  'udp.no-stream': {
    sentence: 'Where the two seconds cannot pass, an answered connection keeps the short timeout.',
    source: 'nf_conntrack_udp_packet(), jiffies: real time',
    under: { udpStream: 'never' },
  },
  'udp.stream-by-control': {
    sentence: 'A connection that control made has no first two seconds: answered, it is a stream.',
    source: 'nf_conntrack_udp_packet(); stream_ts is set for the packet that makes a connection',
  },
} as const satisfies Rules;

/** The time after which an answered connection is a stream. */
export const STREAM_AFTER_MS = 2000;

/** Whether a datagram has a tuple. */
export const inspectUdp = (packet: Ip, udp: Udp): Inspection => {
  if (!lengthIsPossible(udp)) return { rule: 'udp.length' };
  return match(udp.checksum)
    .returnType<Inspection>()
    .with('right', 'none', () => ({ rule: 'udp.sane', tuple: tupleOf(packet, udp) }))
    .otherwise(() => ({ rule: 'udp.checksum' }));
};

const lengthIsPossible = ({ length, payload }: Udp): boolean =>
  length === 'right' || (length.claimed >= 8 && length.claimed <= 8 + lengthOf(payload));

export const udp: Protocol<Udp> = {
  open: (_datagram, connection, moment) => kept(connection, moment),
  follow: (_datagram, connection, _direction, moment) => kept(connection, moment),
};

const kept = (connection: Connection, moment: Moment) => {
  const { rule, timeoutMs } = timerOf(connection, moment);
  const assured = rule === 'udp.stream' || rule === 'udp.stream-by-control' ? ({ assured: true } as const) : {};
  return refreshed({ ...connection, ...assured }, moment, timeoutMs, rule);
};

type Timer = { readonly rule: keyof typeof udpRules; readonly timeoutMs: number };

/** The timeout that a packet gives its connection, judged by what was seen before this packet. */
export const timerOf = (connection: Connection, { nowMs, network: { timeouts }, profile }: Moment): Timer => {
  if (!connection.seenReply) return { rule: 'udp.unreplied', timeoutMs: timeouts.udpMs };
  if (connection.byControl) return { rule: 'udp.stream-by-control', timeoutMs: profile.udpStream === 'never' ? timeouts.udpMs : timeouts.udpStreamMs };
  if (nowMs <= connection.createdMs + STREAM_AFTER_MS) return { rule: 'udp.replied', timeoutMs: timeouts.udpMs };
  return profile.udpStream === 'never'
    ? { rule: 'udp.no-stream', timeoutMs: timeouts.udpMs }
    : { rule: 'udp.stream', timeoutMs: timeouts.udpStreamMs };
};
