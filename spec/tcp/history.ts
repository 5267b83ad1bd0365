/**
 * What a connection remembers of its segments: how far each side came, and which segment was the last.
 *
 * Source: struct ip_ct_tcp, struct ip_ct_tcp_state.
 */
import type { Direction } from '../zone.ts';
import type { SynOptions } from './options.ts';
import type { Kind } from './segment.ts';
import type { Sequence } from './sequence.ts';
import type { State } from './states.ts';

/** One side, as seen in the segments that it sent. */
export type Side = {
  /** The end of the highest segment that it sent (td_end). */
  readonly end: Sequence;
  /** How far it may send: the highest acknowledgement and window of the other side (td_maxend). */
  readonly maxEnd: Sequence;
  /** The largest window that it offered, scaled; 0 until it sent anything (td_maxwin). */
  readonly maxWindow: number;
  /** The highest acknowledgement that it sent (td_maxack). */
  readonly maxAcknowledgement: Sequence | undefined;
  /** By how many bits its windows are to be shifted (td_scale). */
  readonly scale: number;
  /** Its SYN offered to scale windows (WINDOW_SCALE). */
  readonly scales: boolean;
  /** Its SYN permitted selective acknowledgements (SACK_PERM). */
  readonly sackPermitted: boolean;
  /** It sent the first FIN (CLOSE_INIT). */
  readonly closedFirst: boolean;
  /** Windows do not matter to what it sends (BE_LIBERAL). */
  readonly liberal: boolean;
  /** It sent data that was not acknowledged in full since (DATA_UNACKNOWLEDGED). */
  readonly unacknowledged: boolean;
};

/** The last segment that counted. Not every segment sets all of it. */
export type Last = {
  readonly kind: Kind | 'none';
  readonly direction: Direction;
  readonly sequence: Sequence;
  readonly end: Sequence;
  readonly acknowledgement: Sequence;
  readonly window: number;
};

export type History = {
  /** NONE until the first segment was judged. */
  readonly state: State | 'NONE';
  readonly original: Side;
  readonly reply: Side;
  readonly last: Last;
  /** How often the last ACK was repeated. */
  readonly retransmissions: number;
  /** What the last SYN that was ignored said of its sender. */
  readonly ignoredSyn: SynOptions;
  /** That SYN may be answered by a challenge ACK (RFC 5961 section 4), which acknowledges no FIN. */
  readonly challengeExpected: boolean;
  /** Both sides sent a SYN. */
  readonly simultaneous: boolean;
};

/** A side that sent nothing yet. */
export const SILENT: Side = {
  end: 0,
  maxEnd: 0,
  maxWindow: 0,
  maxAcknowledgement: undefined,
  scale: 0,
  scales: false,
  sackPermitted: false,
  closedFirst: false,
  liberal: false,
  unacknowledged: false,
};

/** Before the first segment. */
export const NO_HISTORY: History = {
  state: 'NONE',
  original: SILENT,
  reply: SILENT,
  last: { kind: 'none', direction: 'original', sequence: 0, end: 0, acknowledgement: 0, window: 0 },
  retransmissions: 0,
  ignoredSyn: { sackPermitted: false },
  challengeExpected: false,
  simultaneous: false,
};

/**
 * Of a connection that control made: all that is remembered is zero, and so its last segment was a SYN of the originator
 * with number 0, which a SYN and ACK may answer. Source: enum tcp_bit_set, whose TCP_SYN_SET is 0; ctnetlink_create_conntrack().
 */
export const ALL_ZEROS: History = { ...NO_HISTORY, last: { ...NO_HISTORY.last, kind: 'syn' } };

export const opposite = (direction: Direction): Direction => (direction === 'original' ? 'reply' : 'original');

/**
 * What a SYN's options say of its sender. They replace all that was known of it but that it is liberal; a SYN without
 * any leaves everything as it was.
 */
export const withOptions = (side: Side, options: SynOptions | undefined): Side =>
  options === undefined
    ? side
    : { ...side, ...NOTHING_SAID, scale: options.scale ?? 0, scales: options.scale !== undefined, sackPermitted: options.sackPermitted };

const NOTHING_SAID = { maxAcknowledgement: undefined, closedFirst: false, unacknowledged: false } as const;
