/**
 * The TCP state table: two directions, five kinds of segments, ten states, one byte each.
 *
 * Source: nf_conntrack_proto_tcp.c tcp_conntracks.
 */
import { assert } from './assert.ts';
import { byte } from './memory.ts';

export const NO_STATE = 0;
export const SYN_SENT = 1;
export const SYN_RECV = 2;
export const ESTABLISHED = 3;
export const FIN_WAIT = 4;
export const CLOSE_WAIT = 5;
export const LAST_ACK_STATE = 6;
export const TIME_WAIT = 7;
export const CLOSE = 8;
export const SYN_SENT2 = 9;
/** Not states: the segment is invalid, or passes and changes nothing. */
export const NEVER = 10;
export const PASSES = 11;

const STATES = 10;

/** Five rows (SYN, SYN and ACK, FIN, ACK, RST) for each direction; x is NEVER, i is PASSES. */
const ROWS = [
  '11iiiii119', 'xx2xxxxxx2', 'xx4466678x', '3x3355778x', 'x888888888',
  'x9xxxxx1x9', 'x2iiiiiii2', 'xx4466678x', 'xi2355778i', 'x888888888',
];

const CELLS = Uint8Array.from(ROWS.join(''), (cell) => (cell === 'x' ? NEVER : cell === 'i' ? PASSES : Number(cell)));

/** Where a kind of segment from a side (0 original, 1 reply) leads. */
export const nextState = (side: number, kind: number, state: number): number => {
  assert(kind >= 0 && kind < 5, 'a segment has a row of its own');
  assert(state >= 0 && state < STATES, 'a connection has a column of its own');
  return byte(CELLS, (side * 5 + kind) * STATES + state);
};
