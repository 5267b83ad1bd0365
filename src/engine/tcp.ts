/**
 * TCP: which segments are sane, the states, resets, and for how long a connection lives.
 *
 * Source: RFC 9293; nf_conntrack_proto_tcp.c nf_conntrack_tcp_packet().
 */
import type { Network } from '../../spec/trace/network.ts';
import { assert } from './assert.ts';
import { payloadChecksumRight } from './checksum.ts';
import { CREATED_MS, refresh } from './connections.ts';
import type { Header } from './header.ts';
import { byte, float, long, short, word } from './memory.ts';
import { swapped } from './ports.ts';
import { ANEW, INVALID, KEEP, LAST, type Moment, type Protocol } from './protocol.ts';
import { takeOptionsOfHalf, takeSynOptions } from './tcp-options.ts';
import {
  ACK,
  CHALLENGE,
  CLOSED_FIRST,
  END,
  FIN,
  FLAGS,
  HALF_WORDS,
  HAS_ACKNOWLEDGED,
  isBefore,
  LAST_ACK,
  LAST_END,
  LAST_HALF,
  LAST_KIND,
  LAST_SEQUENCE,
  LAST_WINDOW,
  LIBERAL,
  MAX_ACK,
  MAX_END,
  MAX_WINDOW,
  NO_KIND,
  RECORD_WORDS,
  REPEATS,
  RST,
  SACKS,
  SCALE,
  type Segment,
  SIMULTANEOUS,
  STATE,
  SYN,
  SYN_FLAGS,
  SYN_SCALE,
  SYNACK,
  UNACKNOWLEDGED,
} from './tcp-record.ts';
import {
  CLOSE,
  CLOSE_WAIT,
  ESTABLISHED,
  FIN_WAIT,
  LAST_ACK_STATE,
  NEVER,
  nextState,
  NO_STATE,
  PASSES,
  SYN_RECV,
  SYN_SENT,
  SYN_SENT2,
  TIME_WAIT,
} from './tcp-states.ts';
import { fitWindow, IGNORED, UNFIT } from './tcp-window.ts';

/** The protocol number. */
export const TCP = 6;

/** A segment that does not fit cuts no timer short that is as short as this. */
const SHORT_MS = 120_000;

const FLAG_FIN = 1;
const FLAG_SYN = 2;
const FLAG_RST = 4;
const FLAG_ACK = 16;
/** FIN, SYN, RST, ACK and URG: what has to make sense together. */
const FLAG_MASK = 0x37;
/** S, R, SA, RA, FA, A, and with urgent data S, FA and A. */
const SANE_FLAGS = [0x02, 0x04, 0x12, 0x14, 0x11, 0x10, 0x22, 0x31, 0x30];
const SANE = Uint8Array.from({ length: FLAG_MASK + 1 }, (_, flags) => (SANE_FLAGS.includes(flags) ? 1 : 0));

/** The segment at hand. */
const segment: Segment = {
  kind: NO_KIND,
  sequence: 0,
  end: 0,
  acknowledgement: 0,
  acknowledges: false,
  window: 0,
  bytes: new Uint8Array(),
  optionsStart: 0,
  optionsEnd: 0,
};

export const tcp: Protocol = {
  read: ({ bytes, header }, key) => {
    if (!isSane(bytes, header)) return false;
    key.ports = long(bytes, header.headerLength);
    key.replyPorts = swapped(key.ports);
    return true;
  },

  open: (moment, connection) => {
    readSegment(moment.bytes, moment.header);
    const { network } = moment;
    const to = nextState(0, segment.kind, NO_STATE);
    if (to === NEVER || (to === ESTABLISHED && !network.tcp.loose)) return INVALID;
    const words = moment.table.tcp;
    const base = connection * RECORD_WORDS;
    words.fill(0, base, base + RECORD_WORDS);
    words[base + LAST_KIND] = NO_KIND;
    words[base + END] = segment.end;
    words[base + MAX_END] = segment.end;
    words[base + MAX_WINDOW] = Math.max(1, segment.window);
    if (to === SYN_SENT) {
      takeOptionsOfHalf(words, base, segment);
    } else {
      words[base + MAX_END] = segment.end + Math.max(1, segment.window);
      words[base + FLAGS] = SACKS | LIBERAL;
      words[base + HALF_WORDS + FLAGS] = SACKS | LIBERAL;
    }
    return settle(moment, connection, 0, to, false);
  },

  follow: (moment, connection, half) => {
    readSegment(moment.bytes, moment.header);
    const words = moment.table.tcp;
    const base = connection * RECORD_WORDS;
    const { kind } = segment;
    const state = word(words, base + STATE);
    const to = nextState(half, kind, state);
    if (to === NEVER) return isKeepAlive(moment, connection, half, state) ? KEEP : INVALID;
    if (to === PASSES) return pass(moment, connection, half);
    if (to === SYN_SENT && state >= TIME_WAIT && state <= CLOSE) return mayReopen(words, base, half) ? ANEW : pass(moment, connection, half);
    if (to === TIME_WAIT && state === LAST_ACK_STATE && isChallenge(words, base, half)) {
      words[base + SYN_FLAGS] = word(words, base + SYN_FLAGS) & ~CHALLENGE;
      return KEEP;
    }
    if (to === SYN_SENT2) words[base + SYN_FLAGS] = word(words, base + SYN_FLAGS) | SIMULTANEOUS;
    if (to === SYN_RECV && half === 1 && kind === ACK && (word(words, base + SYN_FLAGS) & SIMULTANEOUS) !== 0) {
      return settle(moment, connection, half, ESTABLISHED, false);
    }
    return kind === RST ? reset(moment, connection, half) : settle(moment, connection, half, to, false);
  },
};

/** On what control made, the last byte again, in a state that knows no ACK. */
const isKeepAlive = ({ table }: Moment, connection: number, half: number, state: number): boolean => {
  if (state !== SYN_SENT || half !== 0 || segment.kind !== ACK || float(table.createdMs, connection) !== CREATED_MS) return false;
  const base = connection * RECORD_WORDS;
  return word(table.tcp, base + LAST_HALF) === 0 && ((segment.sequence + 1) | 0) === word(table.tcp, base + END);
};

const isSane = (bytes: Uint8Array, header: Header): boolean => {
  const start = header.headerLength;
  const present = header.totalLength - start;
  if (present < 20) return false;
  const length = (byte(bytes, start + 12) >>> 4) * 4;
  if (length < 20 || length > present) return false;
  return byte(SANE, byte(bytes, start + 13) & FLAG_MASK) === 1 && payloadChecksumRight(bytes, TCP, start, present);
};

const readSegment = (bytes: Uint8Array, header: Header): void => {
  const start = header.headerLength;
  const length = (byte(bytes, start + 12) >>> 4) * 4;
  const flags = byte(bytes, start + 13);
  const payload = header.totalLength - start - length;
  assert(payload >= 0, 'a sane segment has a whole header');
  segment.bytes = bytes;
  segment.kind = kindOf(flags);
  segment.sequence = long(bytes, start + 4);
  segment.end = (segment.sequence + payload + ((flags & FLAG_SYN) >> 1) + (flags & FLAG_FIN)) | 0;
  segment.acknowledgement = long(bytes, start + 8);
  segment.acknowledges = (flags & FLAG_ACK) !== 0;
  segment.window = short(bytes, start + 14);
  segment.optionsStart = start + 20;
  segment.optionsEnd = start + length;
};

const kindOf = (flags: number): number => {
  if ((flags & FLAG_RST) !== 0) return RST;
  if ((flags & FLAG_SYN) !== 0) return (flags & FLAG_ACK) === 0 ? SYN : SYNACK;
  return (flags & FLAG_FIN) === 0 ? ACK : FIN;
};

/** A SYN after the end may open anew if a side closed, or behind its own sender's reset. */
const mayReopen = (words: Int32Array, base: number, half: number): boolean =>
  ((word(words, base + FLAGS) | word(words, base + HALF_WORDS + FLAGS)) & CLOSED_FIRST) !== 0 ||
  (word(words, base + LAST_HALF) === half && word(words, base + LAST_KIND) === RST);

/** An ACK that answers a SYN which was let through, and no FIN. */
const isChallenge = (words: Int32Array, base: number, half: number): boolean =>
  segment.kind === ACK &&
  word(words, base + LAST_HALF) !== half &&
  word(words, base + LAST_KIND) === SYN &&
  (word(words, base + SYN_FLAGS) & CHALLENGE) !== 0;

/** The segment passes and nothing moves, unless it shows that both ends opened anew. */
const pass = (moment: Moment, connection: number, half: number): number => {
  const words = moment.table.tcp;
  const base = connection * RECORD_WORDS;
  const { kind } = segment;
  const state = word(words, base + STATE);
  const answersSyn = kind === SYNACK && word(words, base + LAST_KIND) === SYN && word(words, base + LAST_HALF) !== half;
  if (answersSyn && segment.acknowledgement === word(words, base + LAST_END)) {
    startAgain(words, base, half);
    return settle(moment, connection, half, SYN_RECV, false);
  }
  words[base + LAST_KIND] = kind;
  words[base + LAST_HALF] = half;
  words[base + LAST_SEQUENCE] = segment.sequence;
  words[base + LAST_END] = segment.end;
  words[base + LAST_WINDOW] = segment.window;
  if (state === SYN_SENT && kind === ACK) words[base + LAST_ACK] = segment.acknowledgement;
  if (kind === SYN && half === 0) {
    words[base + SYN_FLAGS] = 0;
    words[base + SYN_SCALE] = 0;
    takeSynOptions(words, base + SYN_FLAGS, base + SYN_SCALE, segment);
    if (state === LAST_ACK_STATE) words[base + SYN_FLAGS] = word(words, base + SYN_FLAGS) | CHALLENGE;
  }
  return KEEP;
};

/** Both halves as they are after a SYN that was let through, before its answer from `half` is looked at. */
const startAgain = (words: Int32Array, base: number, half: number): void => {
  const answering = base + half * HALF_WORDS;
  const opening = base + (1 - half) * HALF_WORDS;
  const end = word(words, base + LAST_END);
  words[opening + END] = end;
  words[opening + MAX_END] = end;
  words[opening + MAX_WINDOW] = Math.max(1, word(words, base + LAST_WINDOW));
  words[opening + SCALE] = word(words, base + SYN_SCALE);
  words[base + SYN_FLAGS] = word(words, base + SYN_FLAGS) & ~CHALLENGE;
  words[opening + FLAGS] = word(words, base + SYN_FLAGS);
  const liberal = word(words, answering + FLAGS) & LIBERAL;
  words.fill(0, answering, answering + HALF_WORDS);
  words[answering + FLAGS] = liberal;
};

const reset = (moment: Moment, connection: number, half: number): number => {
  const { table, network } = moment;
  const words = table.tcp;
  const base = connection * RECORD_WORDS;
  const state = word(words, base + STATE);
  if (state >= FIN_WAIT && state <= CLOSE) return settle(moment, connection, half, CLOSE, true);

  const lastKind = word(words, base + LAST_KIND);
  const other = base + (1 - half) * HALF_WORDS;
  const { sequence, acknowledgement } = segment;
  const established = state === ESTABLISHED && word(table.assured, connection) === 1;
  let to = CLOSE;
  if ((word(words, other + FLAGS) & HAS_ACKNOWLEDGED) !== 0 && lastKind !== SYN) {
    const expected = word(words, other + MAX_ACK);
    if (sequence === 0 && !established) return settle(moment, connection, half, CLOSE, false);
    if (isBefore(sequence, expected) && !network.tcp.ignoreInvalidRst) return INVALID;
    const inARow = lastKind === ACK && word(words, base + LAST_HALF) === half && sequence === word(words, base + LAST_END);
    if (!established || sequence === expected || inARow) return settle(moment, connection, half, CLOSE, false);
    to = ESTABLISHED;
  }
  const synOfOther = lastKind === SYN && word(words, base + LAST_HALF) !== half;
  const letThrough = (synOfOther && word(table.seenReply, connection) === 1) || (lastKind === ACK && word(table.assured, connection) === 0);
  const answersPassed = letThrough && acknowledgement === word(words, base + LAST_END);
  const answersChallenge =
    state === SYN_SENT && lastKind === ACK && word(words, base + LAST_HALF) === 1 && sequence === word(words, base + LAST_ACK);
  return settle(moment, connection, half, to, answersPassed || answersChallenge);
};

/** The window has its say unless the segment is `believed`; then the connection goes to its next state. */
const settle = (moment: Moment, connection: number, half: number, to: number, believed: boolean): number => {
  const { table, network } = moment;
  const words = table.tcp;
  const base = connection * RECORD_WORDS;
  const { kind } = segment;
  if (!believed) {
    const fit = fitWindow(words, base, half, segment, network.tcp.liberal);
    if (fit === IGNORED) return KEEP;
    if (fit === UNFIT) return refuse(moment, connection, half);
  }
  const from = word(words, base + STATE);
  words[base + LAST_KIND] = kind;
  words[base + LAST_HALF] = half;
  words[base + STATE] = to;
  const own = base + half * HALF_WORDS;
  if (from !== to && to === FIN_WAIT) words[own + FLAGS] = word(words, own + FLAGS) | CLOSED_FIRST;

  const timeoutMs = timeoutOf(words, base, to, kind, network);
  if (word(table.seenReply, connection) === 0) {
    if (kind === RST) return LAST;
    if (kind === SYN && from === SYN_SENT) return KEEP;
    return to === ESTABLISHED ? Math.min(timeoutMs, network.timeouts.tcpUnacknowledgedMs) : timeoutMs;
  }
  if (to === ESTABLISHED && (from === SYN_RECV || from === ESTABLISHED)) table.assured[connection] = 1;
  return timeoutMs;
};

const timeoutOf = (words: Int32Array, base: number, state: number, kind: number, { timeouts, tcp: settings }: Network): number => {
  const timeoutMs = timeoutOfState(state, timeouts);
  const { tcpMaxRetransMs, tcpUnacknowledgedMs } = timeouts;
  if (word(words, base + REPEATS) >= settings.maxRetrans && timeoutMs > tcpMaxRetransMs) return tcpMaxRetransMs;
  if (kind === RST) return timeouts.tcpCloseMs;
  const waiting = (word(words, base + FLAGS) | word(words, base + HALF_WORDS + FLAGS)) & UNACKNOWLEDGED;
  if (waiting !== 0 && timeoutMs > tcpUnacknowledgedMs) return tcpUnacknowledgedMs;
  return word(words, base + LAST_WINDOW) === 0 ? Math.min(timeoutMs, tcpMaxRetransMs) : timeoutMs;
};

const timeoutOfState = (state: number, timeouts: Network['timeouts']): number => {
  switch (state) {
    case SYN_SENT:
      return timeouts.tcpSynSentMs;
    case SYN_RECV:
      return timeouts.tcpSynRecvMs;
    case ESTABLISHED:
      return timeouts.tcpEstablishedMs;
    case FIN_WAIT:
      return timeouts.tcpFinWaitMs;
    case CLOSE_WAIT:
      return timeouts.tcpCloseWaitMs;
    case LAST_ACK_STATE:
      return timeouts.tcpLastAckMs;
    case TIME_WAIT:
      return timeouts.tcpTimeWaitMs;
    case CLOSE:
      return timeouts.tcpCloseMs;
    default:
      assert(state === SYN_SENT2, 'a connection has a state');
      return timeouts.tcpSynSent2Ms;
  }
};

/** The segment does not fit. Ends that do not fit from both sides let an assured connection go sooner. */
const refuse = (moment: Moment, connection: number, half: number): number => {
  const { table, nowMs, network } = moment;
  const words = table.tcp;
  const base = connection * RECORD_WORDS;
  const { kind } = segment;
  if (word(table.assured, connection) === 0 || (kind !== FIN && kind !== RST)) return INVALID;
  const lastKind = word(words, base + LAST_KIND);
  if (word(words, base + LAST_HALF) === half || (lastKind !== FIN && lastKind !== RST)) {
    words[base + LAST_KIND] = kind;
    words[base + LAST_HALF] = half;
    return INVALID;
  }
  const leftMs = float(table.timers.dueMs, connection) - nowMs;
  const { tcpUnacknowledgedMs } = network.timeouts;
  if (leftMs >= SHORT_MS && leftMs > tcpUnacknowledgedMs) refresh(table, connection, nowMs, tcpUnacknowledgedMs);
  return INVALID;
};
