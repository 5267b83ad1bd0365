/**
 * What the engine remembers of a TCP connection: a record of 22 words, all records in one array. Two halves of 6 words
 * come first, that of the original side and that of the reply side; what belongs to both follows.
 *
 * Source: struct ip_ct_tcp.
 */

/** Words of one record. */
export const RECORD_WORDS = 22;
/** Words of one half. */
export const HALF_WORDS = 6;

/** Places in a half. The first four count in a circle; the window is unsigned. */
export const END = 0;
export const MAX_END = 1;
export const MAX_WINDOW = 2;
export const MAX_ACK = 3;
export const SCALE = 4;
export const FLAGS = 5;

/** Places in a record. */
export const STATE = 12;
export const LAST_KIND = 13;
export const LAST_HALF = 14;
export const LAST_SEQUENCE = 15;
export const LAST_END = 16;
export const LAST_ACK = 17;
export const LAST_WINDOW = 18;
export const REPEATS = 19;
/** Flags of the last ignored SYN, and what else is expected because of SYNs. */
export const SYN_FLAGS = 20;
export const SYN_SCALE = 21;

/** Flags of a half. */
export const SCALES = 1;
export const SACKS = 2;
export const CLOSED_FIRST = 4;
export const LIBERAL = 8;
export const UNACKNOWLEDGED = 16;
export const HAS_ACKNOWLEDGED = 32;
/** Flags among those of the last SYN. */
export const CHALLENGE = 64;
export const SIMULTANEOUS = 128;

/** Kinds of segments: the rows of the state table. */
export const SYN = 0;
export const SYNACK = 1;
export const FIN = 2;
export const ACK = 3;
export const RST = 4;
export const NO_KIND = 5;

/** A segment as it is read. One record, used again for each segment. */
export type Segment = {
  kind: number;
  sequence: number;
  end: number;
  acknowledgement: number;
  acknowledges: boolean;
  window: number;
  bytes: Uint8Array;
  /** Where the options stand in `bytes`. */
  optionsStart: number;
  optionsEnd: number;
};

/** Whether `a` comes before `b` in the circle. */
export const isBefore = (a: number, b: number): boolean => ((a - b) | 0) < 0;
