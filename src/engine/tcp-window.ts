/**
 * TCP windows: whether a segment fits what was seen of both sides, and what it adds to that.
 *
 * Source: nf_conntrack_proto_tcp.c tcp_in_window(); RFC 7323 for scaling.
 */
import { assert } from './assert.ts';
import { word } from './memory.ts';
import { highestAcknowledged, takeOptionsOfHalf } from './tcp-options.ts';
import {
  ACK,
  END,
  FLAGS,
  HALF_WORDS,
  HAS_ACKNOWLEDGED,
  isBefore,
  LAST_ACK,
  LAST_END,
  LAST_HALF,
  LAST_SEQUENCE,
  LAST_WINDOW,
  LIBERAL,
  MAX_ACK,
  MAX_END,
  MAX_WINDOW,
  REPEATS,
  RST,
  SACKS,
  SCALE,
  SCALES,
  type Segment,
  STATE,
  SYN,
  SYNACK,
  UNACKNOWLEDGED,
} from './tcp-record.ts';
import { SYN_RECV, SYN_SENT } from './tcp-states.ts';

export const FITS = 0;
export const IGNORED = 1;
export const UNFIT = 2;

/** Acknowledgements may be so many bytes behind, whatever the window. */
const BEHIND_MIN = 66_000;

const unsigned = (words: Int32Array, place: number): number => word(words, place) >>> 0;

/** Says whether the segment FITS, is IGNORED or UNFIT, and learns from it. `base` is the record's first word. */
export const fitWindow = (words: Int32Array, base: number, side: number, segment: Segment, liberal: boolean): number => {
  assert(side === 0 || side === 1, 'a segment has one of two senders');
  const sender = base + side * HALF_WORDS;
  const receiver = base + (1 - side) * HALF_WORDS;
  const { kind } = segment;
  const isSyn = kind === SYN || kind === SYNACK;
  const state = word(words, base + STATE);
  const highest = (word(words, receiver + FLAGS) & SACKS) === 0 ? segment.acknowledgement : highestAcknowledged(segment);

  if (word(words, sender + MAX_WINDOW) === 0) {
    if (isSyn) startHalf(words, sender, receiver, side, segment);
    else joinHalf(words, sender, receiver, segment, highest);
    if (kind === SYN) return FITS;
  } else if (isSyn && (state === SYN_SENT || state === SYN_RECV) && isBefore(word(words, sender + END), segment.end)) {
    startHalf(words, sender, receiver, side, segment);
    if (kind === SYN && side === 1) return FITS;
  }

  const receiverEnd = word(words, receiver + END);
  const counts = segment.acknowledges && !(kind === RST && segment.acknowledgement === 0);
  const acknowledgement = counts ? segment.acknowledgement : receiverEnd;
  const acknowledged = counts ? highest : receiverEnd;
  const senderEnd = word(words, sender + END);
  const answersSyn = kind === RST && segment.sequence === 0 && state === SYN_SENT;
  const sequence = answersSyn ? senderEnd : segment.sequence;
  const end = answersSyn ? senderEnd : segment.end;

  const misfit = outside(words, sender, receiver, sequence, end, acknowledged);
  if (misfit !== FITS) return liberal || (word(words, sender + FLAGS) & LIBERAL) !== 0 ? FITS : misfit;

  const window = isSyn ? segment.window : segment.window << word(words, sender + SCALE);
  learn(words, sender, receiver, end, acknowledgement, acknowledged, window, segment.acknowledges);
  if (kind === ACK) countRepeats(words, base, side, sequence, end, acknowledgement, segment.window);
  return FITS;
};

/** A SYN begins its sender's half. */
const startHalf = (words: Int32Array, sender: number, receiver: number, side: number, segment: Segment): void => {
  words[sender + END] = segment.end;
  words[sender + MAX_END] = segment.end;
  words[sender + MAX_WINDOW] = segment.window === 0 ? 1 : segment.window;
  takeOptionsOfHalf(words, sender, segment);
  const both = word(words, sender + FLAGS) & word(words, receiver + FLAGS) & SCALES;
  if (side === 1 && both === 0) {
    words[sender + SCALE] = 0;
    words[receiver + SCALE] = 0;
  }
};

/** A side whose SYN was not seen is taken as it comes. */
const joinHalf = (words: Int32Array, sender: number, receiver: number, segment: Segment, highest: number): void => {
  const window = segment.window << word(words, sender + SCALE);
  const size = window === 0 ? 1 : window;
  words[sender + END] = segment.end;
  words[sender + MAX_WINDOW] = size;
  words[sender + MAX_END] = segment.end + size;
  if (word(words, receiver + MAX_WINDOW) === 0) {
    words[receiver + END] = highest;
    words[receiver + MAX_END] = highest;
  } else if (highest === ((word(words, receiver + END) + 1) | 0)) {
    // The answer to a keep-alive acknowledges a byte that nobody sent.
    words[receiver + END] = highest;
  }
};

/** FITS, IGNORED or UNFIT by the four bounds. Going a little too far is allowed for later. */
const outside = (words: Int32Array, sender: number, receiver: number, sequence: number, end: number, acknowledged: number): number => {
  const receiverEnd = word(words, receiver + END);
  const receiverWindow = unsigned(words, receiver + MAX_WINDOW);
  const behind = Math.max(BEHIND_MIN, unsigned(words, sender + MAX_WINDOW));
  const tooFar = isBefore(word(words, sender + MAX_END), sequence);
  const unseen = isBefore(receiverEnd, acknowledged);
  const tooOld = receiverWindow !== 0 && isBefore(end, word(words, sender + END) - receiverWindow);
  const tooLate = isBefore(acknowledged, receiverEnd - behind);
  if (!tooFar) {
    if (unseen) return UNFIT;
    return tooOld || tooLate ? IGNORED : FITS;
  }
  const excess = (end - word(words, sender + MAX_END) + 1) >>> 0;
  if (unseen || tooOld || tooLate || receiverWindow === 0 || excess > receiverWindow) return UNFIT;
  words[sender + END] = end;
  words[sender + FLAGS] = word(words, sender + FLAGS) | UNACKNOWLEDGED;
  return IGNORED;
};

/** What both sides have reached with a segment that fits. */
const learn = (
  words: Int32Array,
  sender: number,
  receiver: number,
  end: number,
  acknowledgement: number,
  acknowledged: number,
  window: number,
  acknowledges: boolean,
): void => {
  const offered = (window + ((acknowledged - acknowledgement) >>> 0)) >>> 0;
  if (unsigned(words, sender + MAX_WINDOW) < offered) words[sender + MAX_WINDOW] = offered;
  let flags = word(words, sender + FLAGS);
  if (isBefore(word(words, sender + END), end)) {
    words[sender + END] = end;
    flags |= UNACKNOWLEDGED;
  }
  if (acknowledges && ((flags & HAS_ACKNOWLEDGED) === 0 || isBefore(word(words, sender + MAX_ACK), acknowledgement))) {
    words[sender + MAX_ACK] = acknowledgement;
    flags |= HAS_ACKNOWLEDGED;
  }
  words[sender + FLAGS] = flags;

  const allowed = word(words, sender + MAX_END);
  const receiverWindow = word(words, receiver + MAX_WINDOW);
  if (receiverWindow !== 0 && isBefore(allowed, end)) words[receiver + MAX_WINDOW] = receiverWindow + end - allowed;
  const reach = acknowledged + window;
  if (!isBefore(reach, word(words, receiver + MAX_END))) words[receiver + MAX_END] = window === 0 ? reach + 1 : reach;
  if (acknowledgement === word(words, receiver + END)) words[receiver + FLAGS] = word(words, receiver + FLAGS) & ~UNACKNOWLEDGED;
};

/** How often the same ACK came in a row, in a byte. */
const countRepeats = (
  words: Int32Array,
  base: number,
  side: number,
  sequence: number,
  end: number,
  acknowledgement: number,
  window: number,
): void => {
  const same =
    word(words, base + LAST_HALF) === side &&
    word(words, base + LAST_SEQUENCE) === sequence &&
    word(words, base + LAST_END) === end &&
    word(words, base + LAST_ACK) === acknowledgement &&
    word(words, base + LAST_WINDOW) === window;
  words[base + REPEATS] = same ? (word(words, base + REPEATS) + 1) & 0xff : 0;
  words[base + LAST_HALF] = side;
  words[base + LAST_SEQUENCE] = sequence;
  words[base + LAST_END] = end;
  words[base + LAST_ACK] = acknowledgement;
  words[base + LAST_WINDOW] = window;
};
