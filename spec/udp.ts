/**
 * UDP: which datagrams are sane, and how long a connection lives.
 *
 * Source: udp_error(), nf_conntrack_udp_packet(); sysctls nf_conntrack_udp_timeout and nf_conntrack_udp_timeout_stream.
 */
import { match } from 'ts-pattern';
import { udpChecksum, udpChecksumIsRight } from './checksum.ts';
import type { Connection } from './connection.ts';
import type { Profile } from './profile.ts';
import type { Rules } from './rule.ts';
import type { Timeouts } from './trace/network.ts';
import { type Address, type Bytes, lengthOf, type Opaque, slice, type Udp } from './trace/packet.ts';
import type { Direction } from './zone.ts';

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
    sentence: 'After them each packet of an answered connection gives it the long timeout: it is a stream.',
    source: 'nf_conntrack_udp_packet(), UDP_CT_REPLIED',
  },
} as const satisfies Rules;

/** The time after which an answered connection is a stream. */
export const STREAM_AFTER_MS = 2000;

export type Sanity =
  | { readonly rule: 'udp.sane'; readonly udp: Udp }
  | { readonly rule: 'udp.short' | 'udp.length' | 'udp.checksum' };

export const inspect = (payload: Udp | Opaque): Sanity =>
  match(payload)
    .returnType<Sanity>()
    .with({ kind: 'udp' }, (udp) => {
      if (!lengthIsPossible(udp)) return { rule: 'udp.length' };
      return udp.checksum === 'right' || udp.checksum === 'none' ? { rule: 'udp.sane', udp } : { rule: 'udp.checksum' };
    })
    .with({ kind: 'opaque' }, () => ({ rule: 'udp.short' }))
    .exhaustive();

const lengthIsPossible = ({ length, payload }: Udp): boolean =>
  length === 'right' || (length.claimed >= 8 && length.claimed <= 8 + lengthOf(payload));

export type Timer = { readonly rule: 'udp.unreplied' | 'udp.replied' | 'udp.stream'; readonly timeoutMs: number };

/** The timeout that a packet gives its connection, judged by what was seen before this packet. */
export const timerOf = (connection: Connection, nowMs: number, timeouts: Timeouts, profile: Profile): Timer => {
  if (!connection.seenReply) return { rule: 'udp.unreplied', timeoutMs: timeouts.udpMs };
  const stream = profile.udpStream === 'after-two-seconds' && nowMs > connection.createdMs + STREAM_AFTER_MS;
  return stream
    ? { rule: 'udp.stream', timeoutMs: timeouts.udpStreamMs }
    : { rule: 'udp.replied', timeoutMs: timeouts.udpMs };
};

/** A connection after a packet of this direction: the timer starts again, and a reply is remembered. */
export const refreshed = (
  connection: Connection,
  direction: Direction,
  nowMs: number,
  timer: Timer,
): Connection => ({
  ...connection,
  expiresMs: nowMs + timer.timeoutMs,
  seenReply: connection.seenReply || direction === 'reply',
});

/** A datagram's bytes as UDP, as far as they are: what a whole packet says by itself, a reassembled one says here. */
export const readUdp = (source: Address, destination: Address, bytes: Bytes): Udp | Opaque => {
  if (lengthOf(bytes) < 8) return { kind: 'opaque', bytes, why: 'short' };
  const field = (at: number): number => Number.parseInt(slice(bytes, at, at + 2), 16);
  const checksum = field(6);
  return {
    kind: 'udp',
    sourcePort: field(0),
    destinationPort: field(2),
    length: field(4) === lengthOf(bytes) ? 'right' : { claimed: field(4) },
    checksum:
      checksum === 0 ? 'none' : udpChecksumIsRight(source, destination, bytes) ? 'right' : { wrong: checksum },
    payload: slice(bytes, 8),
  };
};

/** A UDP datagram as bytes: what fragments are cut out of. `readUdp` gives it back. */
export const writeUdp = (source: Address, destination: Address, udp: Udp): Bytes => {
  const length = udp.length === 'right' ? 8 + lengthOf(udp.payload) : udp.length.claimed;
  const write = (checksum: number): Bytes =>
    [udp.sourcePort, udp.destinationPort, length, checksum].map(word).join('') + udp.payload;
  if (udp.checksum === 'none') return write(0);
  return write(udp.checksum === 'right' ? udpChecksum(source, destination, write(0)) : udp.checksum.wrong);
};

const word = (value: number): Bytes => value.toString(16).padStart(4, '0');
