/**
 * SCTP: chunks, verification tags, and the states of an association. Source: RFC 9260; nf_conntrack_proto_sctp.c.
 *
 * An association is a row in three columns of the table: its state, two tags (one for the packets of each half), and
 * flags. A packet may be invalid at its second chunk and has changed the row by then; that is how the kernel does it too.
 */
import type { Timeouts } from '../../spec/trace/network.ts';
import type { Connections } from './connections.ts';
import { crcRight } from './crc32c.ts';
import { byte, long, short, word } from './memory.ts';
import { swapped } from './ports.ts';
import { INVALID, KEEP, type Moment, type Protocol } from './protocol.ts';

/** The protocol number. */
export const SCTP = 132;

const HEADER = 12;
const INIT_BYTES = 20;

const DATA = 0;
const INIT = 1;
const INIT_ACK = 2;
const HEARTBEAT = 4;
const HEARTBEAT_ACK = 5;
const ABORT = 6;
const SHUTDOWN_ACK = 8;
const COOKIE_ECHO = 10;
const COOKIE_ACK = 11;
const SHUTDOWN_COMPLETE = 14;

/** A set of chunk types below 32. */
const types = (...list: readonly number[]): number => list.reduce((set, type) => set | (1 << type), 0);
const ALONE = types(INIT, INIT_ACK, SHUTDOWN_COMPLETE);
const COOKIES = types(COOKIE_ECHO, COOKIE_ACK);
const NEVER_OPEN = types(ABORT, SHUTDOWN_COMPLETE, COOKIE_ACK);
const OWN_TAG_RULE = types(INIT, SHUTDOWN_COMPLETE, COOKIE_ECHO, ABORT, SHUTDOWN_ACK, HEARTBEAT, HEARTBEAT_ACK);

const bitOf = (type: number): number => (type < 32 ? 1 << type : 0);

const NONE = 0;
const CLOSED = 1;
const ESTABLISHED = 4;
/** Not a state: the chunk is invalid. */
const REFUSED = 9;

/** A flag for each half: its INIT waits for an answer. */
const INITIATED = 1;
/** A flag for each half: it sent the last heartbeat with a strange tag. */
const STRANGE = 4;

/**
 * For each chunk type from 0 to 14 the next states, nine for the original half and nine for the reply half. A type that
 * changes nothing has itself.
 */
const NEXT = new Int32Array(15 * 18);
for (let type = 0; type < 15; type++) for (let place = 0; place < 18; place++) NEXT[type * 18 + place] = place % 9;
const enter = (type: number, original: readonly number[], reply: readonly number[]): void =>
  NEXT.set([...original, REFUSED, ...reply], type * 18);
enter(INIT, [1, 1, 2, 3, 4, 1, 1, 7, 2], [1, 2, 3, 4, 5, 6, 7, REFUSED]);
enter(INIT_ACK, [1, 1, 2, 3, 4, 5, 6, 7, 1], [2, 2, 3, 4, 5, 6, 7, REFUSED]);
enter(HEARTBEAT, [8, 1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 8]);
enter(HEARTBEAT_ACK, [1, 1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 4]);
enter(ABORT, [1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, REFUSED]);
enter(7, [1, 1, 2, 3, 5, 5, 6, 7, 1], [1, 2, 3, 6, 5, 6, 7, REFUSED]);
enter(SHUTDOWN_ACK, [7, 1, 2, 3, 4, 7, 7, 7, 7], [1, 2, 3, 4, 7, 7, 7, REFUSED]);
enter(9, [1, 1, 2, 3, 4, 5, 6, 7, 1], [1, 2, 1, 4, 5, 6, 7, REFUSED]);
enter(COOKIE_ECHO, [1, 1, 3, 3, 4, 5, 6, 7, 1], [1, 3, 3, 4, 5, 6, 7, REFUSED]);
enter(COOKIE_ACK, [1, 1, 2, 4, 4, 5, 6, 7, 1], [1, 2, 4, 4, 5, 6, 7, REFUSED]);
enter(SHUTDOWN_COMPLETE, [1, 1, 2, 3, 4, 5, 6, 1, 1], [1, 2, 3, 4, 5, 6, 1, REFUSED]);

const nextState = (type: number, half: number, state: number): number =>
  type < 15 ? word(NEXT, type * 18 + half * 9 + state) : state;

export const sctp: Protocol = {
  read: ({ bytes, header }, key) => {
    const start = header.headerLength;
    const end = header.totalLength;
    if (end - start < HEADER || !crcRight(bytes, start, end, start + 8)) return false;
    key.ports = long(bytes, start);
    key.replyPorts = swapped(key.ports);
    return true;
  },
  open: (moment, connection) => {
    const { sctpState, sctpFlags } = moment.table;
    const seen = chunkTypes(moment);
    sctpState[connection] = NONE;
    sctpFlags[connection] = 0;
    if (seen === DISORDER || (seen & NEVER_OPEN) !== 0 || !openTags(moment, connection)) return INVALID;
    return walk(moment, connection, 0, seen);
  },
  follow: (moment, connection, half) => {
    const seen = chunkTypes(moment);
    return seen === DISORDER ? INVALID : walk(moment, connection, half, seen);
  },
};

/** No set of chunk types: bit 31 is none that matters, and real sets keep it clear. */
const DISORDER = -1;

/** The types of a packet's chunks, as a set of those below 31, or DISORDER. */
const chunkTypes = ({ bytes, header }: Moment): number => {
  const end = header.totalLength;
  const first = header.headerLength + HEADER;
  let seen = 0;
  let at = first;
  for (; at + 4 <= end; at = after(bytes, at)) {
    const bit = bitOf(byte(bytes, at)) & 0x7fff_ffff;
    if (short(bytes, at + 2) === 0) return DISORDER;
    seen |= bit;
    if (at > first && ((seen & ALONE) !== 0 || (bit & COOKIES) !== 0)) return DISORDER;
  }
  return at === first ? DISORDER : seen;
};

/** Where the next chunk begins. */
const after = (bytes: Uint8Array, at: number): number => at + ((short(bytes, at + 2) + 3) & ~3);

/** The tags of a new association, as its first packet's chunks tell them. False if it cannot begin one. */
const openTags = ({ bytes, header, table }: Moment, connection: number): boolean => {
  const { sctpTags } = table;
  const end = header.totalLength;
  const tag = long(bytes, header.headerLength + 4);
  sctpTags[connection * 2] = 0;
  sctpTags[connection * 2 + 1] = 0;
  for (let at = header.headerLength + HEADER; at + 4 <= end; at = after(bytes, at)) {
    const type = byte(bytes, at);
    if (nextState(type, 0, NONE) === NONE) return false;
    if (type === INIT) {
      if (tag !== 0 || at + INIT_BYTES > end) return false;
      sctpTags[connection * 2 + 1] = long(bytes, at + 4);
    }
    if (type === HEARTBEAT) sctpTags[connection * 2] = tag;
    if (type === SHUTDOWN_ACK) sctpTags[connection * 2 + 1] = tag;
  }
  return true;
};

/** Leads a packet's chunks through the association. The timeout of the state that it is in then, or a code. */
const walk = (moment: Moment, connection: number, half: number, seen: number): number => {
  const { bytes, header, table, network } = moment;
  const { sctpState, sctpTags, assured } = table;
  const end = header.totalLength;
  const tag = long(bytes, header.headerLength + 4);
  if ((seen & OWN_TAG_RULE) === 0 && tag !== word(sctpTags, connection * 2 + half)) return INVALID;
  let keep = false;
  for (let at = header.headerLength + HEADER; at + 4 <= end; at = after(bytes, at)) {
    const type = byte(bytes, at);
    if (type === HEARTBEAT || type === HEARTBEAT_ACK) {
      const verdict = heartbeat(table, connection, half, type, tag, keep || (seen & bitOf(DATA)) !== 0);
      if (verdict === INVALID) return INVALID;
      if (verdict === KEEP) {
        keep = true;
        continue;
      }
    } else if (!tagRight(table, connection, half, type, byte(bytes, at + 1), tag)) {
      return INVALID;
    }
    const state = word(sctpState, connection);
    const next = nextState(type, half, state);
    if (next === REFUSED) return INVALID;
    if (type === INIT || type === INIT_ACK) {
      if (at + INIT_BYTES > end) return INVALID;
      if (!initiate(table, connection, half, type, long(bytes, at + 4))) return INVALID;
      if (type === INIT && state === CLOSED && next === CLOSED) keep = true;
    }
    if (next === ESTABLISHED && state !== ESTABLISHED) assured[connection] = 1;
    sctpState[connection] = next;
  }
  return keep ? KEEP : timeoutOf(network.timeouts, word(sctpState, connection));
};

/** Whether the packet's tag is right for a chunk that is no heartbeat. A COOKIE ACK ends what INITs wait for. */
const tagRight = (table: Connections, connection: number, half: number, type: number, flags: number, tag: number): boolean => {
  const own = connection * 2 + half;
  switch (type) {
    case INIT:
      return tag === 0;
    case ABORT:
    case SHUTDOWN_COMPLETE:
      return tag === word(table.sctpTags, (flags & 1) === 0 ? own : own ^ 1);
    case COOKIE_ECHO:
      return tag === word(table.sctpTags, own);
    case COOKIE_ACK:
      table.sctpFlags[connection] = word(table.sctpFlags, connection) & ~(INITIATED * 3);
      return true;
    default:
      return true;
  }
};

/** 0 if the chunk goes on, KEEP if it passes without effect, or INVALID. `once`: a strange tag is not tolerated here. */
const heartbeat = (table: Connections, connection: number, half: number, type: number, tag: number, once: boolean): number => {
  const { sctpTags, sctpFlags } = table;
  const own = connection * 2 + half;
  const flags = word(sctpFlags, connection);
  const plain = flags & ~(STRANGE * 3);
  if (word(sctpTags, own) === 0) {
    sctpTags[own] = tag;
    return 0;
  }
  if (word(sctpTags, own) === tag) {
    sctpFlags[connection] = plain;
    return 0;
  }
  if (once) return INVALID;
  if (type === HEARTBEAT) {
    sctpFlags[connection] = plain | (STRANGE << half);
    return KEEP;
  }
  if ((flags & (STRANGE << (half ^ 1))) === 0) return INVALID;
  sctpFlags[connection] = plain;
  sctpTags[own] = tag;
  sctpTags[own ^ 1] = 0;
  return 0;
};

/** The tag that an INIT or INIT ACK asks for. False if an INIT ACK is not the answer to what is known. */
const initiate = (table: Connections, connection: number, half: number, type: number, asked: number): boolean => {
  const { sctpTags, sctpFlags, sctpState } = table;
  const other = connection * 2 + (half ^ 1);
  const known = word(sctpTags, other);
  const flags = word(sctpFlags, connection);
  const mine = INITIATED << half;
  const theirs = INITIATED << (half ^ 1);
  if (type === INIT_ACK) {
    const mayDiffer = (flags & theirs) === 0 ? known === 0 : (flags & mine) === 0;
    if (asked !== known && !mayDiffer) return false;
  } else if (asked !== known || word(sctpState, connection) === NONE) {
    const both = (flags & mine) !== 0 && (flags & theirs) !== 0;
    sctpFlags[connection] = (both ? flags & ~theirs : flags) | mine;
  }
  sctpTags[other] = asked;
  return true;
};

const timeoutOf = (timeouts: Timeouts, state: number): number => {
  switch (state) {
    case 2:
      return timeouts.sctpCookieWaitMs;
    case 3:
      return timeouts.sctpCookieEchoedMs;
    case 4:
      return timeouts.sctpEstablishedMs;
    case 5:
      return timeouts.sctpShutdownSentMs;
    case 6:
      return timeouts.sctpShutdownReceivedMs;
    case 7:
      return timeouts.sctpShutdownAckSentMs;
    case 8:
      return timeouts.sctpHeartbeatSentMs;
    default:
      return timeouts.sctpClosedMs;
  }
};
