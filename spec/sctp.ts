/**
 * SCTP: which packets are sane, which of their chunks belong to an association, and what these do to it.
 *
 * A packet is read chunk by chunk. What its first chunks did stays done even if a later one makes it invalid.
 *
 * Source: RFC 9260; nf_conntrack_proto_sctp.c. A numbered section is RFC 4960's, which the source names.
 */
import type { Connection } from './connection.ts';
import { type Effect, type Inspection, type Moment, type Protocol, refreshed } from './protocol.ts';
import type { Rules } from './rule.ts';
import type { RuleId } from './rules.ts';
import * as chunk from './sctp/association.ts';
import { type Association, moved, NOTHING, type State } from './sctp/association.ts';
import { pass, type Walk } from './sctp/chunk.ts';
import type { Timeouts } from './trace/network.ts';
import type { Ip } from './trace/packet.ts';
import type { Sctp } from './trace/transport.ts';
import { tupleOf } from './tuple.ts';
import { type Chunk, chunksOf, initiateTag } from './wire/sctp.ts';
import type { Direction } from './zone.ts';

export const sctpRules = {
  'sctp.short': {
    sentence: "A packet shorter than SCTP's common header is invalid.",
    source: 'sctp_error(), "short packet"',
  },
  'sctp.checksum': {
    sentence: 'A wrong CRC32c is invalid.',
    source: 'sctp_error(), "bad CRC"; nf_conntrack_checksum=1',
  },
  'sctp.sane': {
    sentence: 'Any other SCTP packet has a tuple and is looked up.',
    source: 'nf_conntrack_in()',
  },
  'sctp.no-chunk': {
    sentence: 'A packet without a chunk is invalid.',
    source: 'do_basic_checks(), count == 0',
  },
  'sctp.zero-length': {
    sentence: 'A chunk of length 0 makes its packet invalid; less than a chunk header at the end is not looked at.',
    source: 'do_basic_checks(), for_each_sctp_chunk()',
  },
  'sctp.not-alone': {
    sentence: 'INIT, INIT ACK and SHUTDOWN COMPLETE beside any other chunk are invalid.',
    source: 'do_basic_checks(), flag',
  },
  'sctp.cookie-first': {
    sentence: 'COOKIE ECHO and COOKIE ACK behind another chunk are invalid.',
    source: 'do_basic_checks()',
  },
  'sctp.out-of-the-blue': {
    sentence: 'A packet of no association that holds ABORT, SHUTDOWN COMPLETE or COOKIE ACK is invalid.',
    source: 'nf_conntrack_sctp_packet(), section 8.4',
  },
  'sctp.cannot-open': {
    sentence: 'A packet of no association that holds a chunk outside the state table, DATA for example, is invalid.',
    source: 'sctp_new(), SCTP_CONNTRACK_NONE',
  },
  'sctp.opened': {
    sentence:
      "The first packet may give tags: an INIT's own is what answers carry, and so is a SHUTDOWN ACK's; a heartbeat's is that of its direction.",
    source: 'sctp_new()',
  },
  'sctp.tag': {
    sentence: "A packet with another tag than its direction's is invalid, but for chunks with rules of their own.",
    source: 'nf_conntrack_sctp_packet(), section 8.5',
  },
  'sctp.timer': {
    sentence: 'A packet gives its association the timeout of the state that it leaves it in.',
    source: 'nf_conntrack_sctp_packet(), nf_conntrack_sctp_timeout_*',
  },
} as const satisfies Rules;

/** Whether a packet has a tuple. */
export const inspectSctp = (packet: Ip, sctp: Sctp): Inspection =>
  sctp.checksum === 'right' ? { rule: 'sctp.sane', tuple: tupleOf(packet, sctp) } : { rule: 'sctp.checksum' };

export const sctp: Protocol<Sctp> = {
  open: (packet, connection, moment) => {
    const opening = opened(packet);
    return typeof opening === 'string'
      ? { kind: 'invalid', rules: [opening] }
      : walked(packet, { ...connection, sctp: opening }, 'original', moment, ['sctp.opened']);
  },
  follow: (packet, connection, direction, moment) => {
    const problem = disorder(chunksOf(packet.payload));
    return problem ? { kind: 'invalid', rules: [problem] } : walked(packet, connection, direction, moment, []);
  },
};

const ALONE: readonly number[] = [chunk.INIT, chunk.INIT_ACK, chunk.SHUTDOWN_COMPLETE];
const FIRST: readonly number[] = [chunk.COOKIE_ECHO, chunk.COOKIE_ACK];
const NEVER_OPEN: readonly number[] = [chunk.ABORT, chunk.SHUTDOWN_COMPLETE, chunk.COOKIE_ACK];

/** What is wrong with a packet's chunks, taken together: if anything. */
const disorder = (chunks: readonly Chunk[]): RuleId | undefined => {
  if (chunks.length === 0) return 'sctp.no-chunk';
  for (const [place, { type, length }] of chunks.entries()) {
    if (place > 0 && chunks.slice(0, place + 1).some((other) => ALONE.includes(other.type))) return 'sctp.not-alone';
    if (place > 0 && FIRST.includes(type)) return 'sctp.cookie-first';
    if (length === 0) return 'sctp.zero-length';
  }
  return undefined;
};

/** The association that a packet of no other begins, or why it begins none. */
const opened = ({ tag, payload }: Sctp): Association | RuleId => {
  const chunks = chunksOf(payload);
  const problem = disorder(chunks);
  if (problem) return problem;
  if (chunks.some(({ type }) => NEVER_OPEN.includes(type))) return 'sctp.out-of-the-blue';
  let { tags } = NOTHING;
  for (const each of chunks) {
    if (moved(each.type, 'original', 'none') === 'none') return 'sctp.cannot-open';
    if (each.type === chunk.INIT) {
      const own = initiateTag(payload, each);
      if (tag !== 0) return 'sctp.init-tag';
      if (own === undefined) return 'sctp.init-cut';
      tags = { ...tags, reply: own };
    }
    if (each.type === chunk.HEARTBEAT) tags = { ...tags, original: tag };
    if (each.type === chunk.SHUTDOWN_ACK) tags = { ...tags, reply: tag };
  }
  return { ...NOTHING, tags };
};

/** Chunks whose tag is judged by itself. */
const OWN_TAG_RULES: readonly number[] = [
  chunk.INIT,
  chunk.SHUTDOWN_COMPLETE,
  chunk.COOKIE_ECHO,
  chunk.ABORT,
  chunk.SHUTDOWN_ACK,
  chunk.HEARTBEAT,
  chunk.HEARTBEAT_ACK,
];

/** The timeout of each state. */
const TIMEOUTS: Readonly<Record<State, keyof Timeouts>> = {
  none: 'sctpClosedMs',
  closed: 'sctpClosedMs',
  'cookie-wait': 'sctpCookieWaitMs',
  'cookie-echoed': 'sctpCookieEchoedMs',
  established: 'sctpEstablishedMs',
  'shutdown-sent': 'sctpShutdownSentMs',
  'shutdown-received': 'sctpShutdownReceivedMs',
  'shutdown-ack-sent': 'sctpShutdownAckSentMs',
  'heartbeat-sent': 'sctpHeartbeatSentMs',
};

/** A packet whose chunks may stand together goes through them in their order. */
const walked = (packet: Sctp, connection: Connection, direction: Direction, moment: Moment, before: readonly RuleId[]): Effect => {
  const association = connection.sctp ?? NOTHING;
  const chunks = chunksOf(packet.payload);
  if (!chunks.some(({ type }) => OWN_TAG_RULES.includes(type)) && packet.tag !== association.tags[direction]) {
    return { kind: 'invalid', rules: [...before, 'sctp.tag'] };
  }
  const start: Walk = { association, rules: before, quiet: false, assures: false, invalid: false };
  const end = chunks.reduce((walk, each) => (walk.invalid ? walk : pass(walk, each, { packet, chunks, direction })), start);
  const after: Connection = { ...connection, sctp: end.association, ...(end.assures && { assured: true }) };
  if (end.invalid) return { kind: 'invalid', rules: end.rules, connection: after };
  if (end.quiet) return { kind: 'tracked', rules: end.rules, connection: after };
  const timer = refreshed(after, moment, moment.network.timeouts[TIMEOUTS[end.association.state]], 'sctp.timer');
  return { ...timer, rules: [...end.rules, ...timer.rules] };
};
