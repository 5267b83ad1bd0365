/**
 * An SCTP association as tracking sees it from the middle: its state, and how chunks move it.
 *
 * The states have the names of an endpoint's, but are those of the whole: shutdown-sent means that a SHUTDOWN was seen in
 * the original direction, shutdown-received one in the reply direction.
 *
 * Source: nf_conntrack_proto_sctp.c, sctp_conntracks.
 */
import type { Direction } from '../zone.ts';

/** In the order of the table's digits. */
export const STATES = [
  'none',
  'closed',
  'cookie-wait',
  'cookie-echoed',
  'established',
  'shutdown-sent',
  'shutdown-received',
  'shutdown-ack-sent',
  'heartbeat-sent',
] as const;

export type State = (typeof STATES)[number];

export type Association = {
  readonly state: State;
  /** The verification tag that packets of each direction carry; 0 as long as it is not known. */
  readonly tags: Readonly<Record<Direction, number>>;
  /** Whether an INIT of this direction waits to be acknowledged. */
  readonly initiated: Readonly<Record<Direction, boolean>>;
  /** The direction of the last heartbeat with another tag, until an answer explains it. */
  readonly strange?: Direction;
};

export const NOTHING: Association = {
  state: 'none',
  tags: { original: 0, reply: 0 },
  initiated: { original: false, reply: false },
};

/** Chunk types that mean something here; RFC 9260 section 3.2. */
export const DATA = 0;
export const INIT = 1;
export const INIT_ACK = 2;
export const HEARTBEAT = 4;
export const HEARTBEAT_ACK = 5;
export const ABORT = 6;
export const SHUTDOWN = 7;
export const SHUTDOWN_ACK = 8;
export const ERROR = 9;
export const COOKIE_ECHO = 10;
export const COOKIE_ACK = 11;
export const SHUTDOWN_COMPLETE = 14;

/** The next state for each state in its place, `x` where the chunk is invalid. Other chunks change nothing. */
const MOVES: ReadonlyMap<number, Readonly<Record<Direction, string>>> = new Map([
  [INIT, { original: '112341172', reply: 'x1234567x' }],
  [INIT_ACK, { original: '112345671', reply: 'x2234567x' }],
  [ABORT, { original: '111111111', reply: 'x1111111x' }],
  [SHUTDOWN, { original: '112355671', reply: 'x1236567x' }],
  [SHUTDOWN_ACK, { original: '712347777', reply: 'x1234777x' }],
  [ERROR, { original: '112345671', reply: 'x1214567x' }],
  [COOKIE_ECHO, { original: '113345671', reply: 'x1334567x' }],
  [COOKIE_ACK, { original: '112445671', reply: 'x1244567x' }],
  [SHUTDOWN_COMPLETE, { original: '112345611', reply: 'x1234561x' }],
  [HEARTBEAT, { original: '812345678', reply: 'x12345678' }],
  [HEARTBEAT_ACK, { original: '112345678', reply: 'x12345674' }],
]);

/** Where a chunk leads; undefined where it is invalid. */
export const moved = (chunk: number, direction: Direction, from: State): State | undefined => {
  const row = MOVES.get(chunk);
  return row ? STATES[Number.parseInt(row[direction][STATES.indexOf(from)] ?? '', 10)] : from;
};
