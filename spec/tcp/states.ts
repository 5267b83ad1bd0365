/**
 * The state table: what a segment means to a connection, by its direction, its kind, and the state that it meets.
 *
 * The tracker stands in the middle and guesses: a segment that it saw may never arrive. So where a segment may be wrong
 * or right, and the receiver will say which, it is `ignored`: accepted, and nothing moves.
 *
 * Source: RFC 9293 section 3.3.2; tcp_conntracks.
 */
import type { Direction } from '../zone.ts';
import type { Kind } from './segment.ts';

/** Nobody's but the tracker's; it names them after those of the two ends. */
export type State =
  /** The originator sent a SYN. */
  | 'SYN_SENT'
  /** It was answered by a SYN and ACK. */
  | 'SYN_RECV'
  | 'ESTABLISHED'
  /** One side sent a FIN, */
  | 'FIN_WAIT'
  /** which was acknowledged, */
  | 'CLOSE_WAIT'
  /** and the other side sent one, */
  | 'LAST_ACK'
  /** which was acknowledged too. */
  | 'TIME_WAIT'
  /** Reset. */
  | 'CLOSE'
  /** Both sides sent a SYN: a simultaneous open. */
  | 'SYN_SENT2';

/** The next state, or that the segment is `invalid` or `ignored`. */
type Cell = State | 'invalid' | 'ignored';

const CELLS: Readonly<Record<string, Cell>> = {
  SS: 'SYN_SENT', SR: 'SYN_RECV', ES: 'ESTABLISHED', FW: 'FIN_WAIT',
  CW: 'CLOSE_WAIT', LA: 'LAST_ACK', TW: 'TIME_WAIT', CL: 'CLOSE', S2: 'SYN_SENT2',
  '--': 'invalid', ig: 'ignored',
};

/** A column for each state, and one for a connection that is not there yet. */
const COLUMNS = ['NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'SYN_SENT2'] as const;

const TABLE: Readonly<Record<Direction, Readonly<Record<Kind, string>>>> = {
  original: {
    //       NO SS SR ES FW CW LA TW CL S2
    syn:    'SS SS ig ig ig ig ig SS SS S2',
    synack: '-- -- SR -- -- -- -- -- -- SR',
    fin:    '-- -- FW FW LA LA LA TW CL --',
    ack:    'ES -- ES ES CW CW TW TW CL --',
    rst:    '-- CL CL CL CL CL CL CL CL CL',
  },
  reply: {
    //       NO SS SR ES FW CW LA TW CL S2
    syn:    '-- S2 -- -- -- -- -- SS -- S2',
    synack: '-- SR ig ig ig ig ig ig ig SR',
    fin:    '-- -- FW FW LA LA LA TW CL --',
    ack:    '-- ig SR ES CW CW TW TW CL ig',
    rst:    '-- CL CL CL CL CL CL CL CL CL',
  },
};

/** The cell of a segment. */
export const cellOf = (direction: Direction, kind: Kind, state: State | 'NONE'): Cell =>
  CELLS[TABLE[direction][kind].split(' ')[COLUMNS.indexOf(state)] ?? '--'] ?? 'invalid';

/** FIN was seen, or RST: the tuple may belong to another connection already. */
export const isClosing = (state: State | 'NONE'): boolean =>
  state === 'FIN_WAIT' || state === 'CLOSE_WAIT' || state === 'LAST_ACK' || state === 'TIME_WAIT' || state === 'CLOSE';
