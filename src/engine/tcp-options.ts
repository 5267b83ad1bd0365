/**
 * TCP options: the window scale and the permission of a SYN, and the blocks of a selective acknowledgement.
 *
 * Source: RFC 9293 section 3.1, RFC 7323, RFC 2018.
 */
import { byte, long, word } from './memory.ts';
import { FLAGS, isBefore, LIBERAL, SACKS, SCALE, SCALES, type Segment } from './tcp-record.ts';

const SCALE_MAX = 14;

/** Writes what a SYN says into flags and scale at these places. A SYN without options says nothing, not even "none". */
export const takeSynOptions = (words: Int32Array, flagsAt: number, scaleAt: number, segment: Segment): void => {
  const { bytes, optionsStart, optionsEnd } = segment;
  if (optionsStart === optionsEnd) return;
  let flags = word(words, flagsAt) & LIBERAL;
  let scale = 0;
  for (let place = optionsStart; place < optionsEnd; ) {
    const kind = byte(bytes, place);
    if (kind === 1) {
      place++;
      continue;
    }
    const length = lengthAt(bytes, place, optionsEnd);
    if (kind === 0 || length === 0) break;
    if (kind === 4 && length === 2) flags |= SACKS;
    if (kind === 3 && length === 3) {
      flags |= SCALES;
      scale = Math.min(SCALE_MAX, byte(bytes, place + 2));
    }
    place += length;
  }
  words[flagsAt] = flags;
  words[scaleAt] = scale;
};

/** The same for one half of a record. */
export const takeOptionsOfHalf = (words: Int32Array, half: number, segment: Segment): void =>
  takeSynOptions(words, half + FLAGS, half + SCALE, segment);

/** The acknowledgement, or the highest end of a block if that is higher. Only the first option with whole blocks counts. */
export const highestAcknowledged = (segment: Segment): number => {
  const { bytes, optionsEnd } = segment;
  let highest = segment.acknowledgement;
  for (let place = segment.optionsStart; place < optionsEnd; ) {
    const kind = byte(bytes, place);
    if (kind === 1) {
      place++;
      continue;
    }
    const length = lengthAt(bytes, place, optionsEnd);
    if (kind === 0 || length === 0) break;
    if (kind === 5 && length >= 10 && (length - 2) % 8 === 0) {
      for (let block = place + 2; block < place + length; block += 8) {
        const end = long(bytes, block + 4);
        if (isBefore(highest, end)) highest = end;
      }
      break;
    }
    place += length;
  }
  return highest;
};

/** The length of the option at `place`, or 0 if it does not fit. */
const lengthAt = (bytes: Uint8Array, place: number, end: number): number => {
  const length = place + 1 < end ? byte(bytes, place + 1) : 0;
  return length < 2 || place + length > end ? 0 : length;
};
