/**
 * FTP: what a line of a control connection announces.
 *
 * Source: RFC 959, RFC 2428; nf_conntrack_ftp.c find_pattern(), try_rfc959(), try_rfc1123(), try_eprt(), try_epsv_response();
 * net/core/utils.c in6_pton().
 */
import { byte, long, short } from './memory.ts';

/** What is no port: nothing is announced, half of something, or somebody else. */
export const NOTHING = -1;
export const PARTIAL = -2;
export const ELSEWHERE = -3;

const [TAB_TO_SPACE, CARRIAGE_RETURN, DOT, COMMA, COLON, PARENTHESIS] = [32, 13, 46, 44, 58, 40];
const [FIRST_PRINTED, LAST_PRINTED] = [33, 126];
const ANY = -1;

const wordOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.codePointAt(0) ?? 0);
/** In small letters. */
const [PORT, EPRT, PASV, EPSV] = [wordOf('port'), wordOf('eprt'), wordOf('227 '), wordOf('229 ')];

/** Numbers and words as they are read, used again; and how far reading came. */
const numbers = new Uint32Array(6);
const words = new Uint16Array(8);
let place = 0;

/**
 * Reads what begins a line, from `start` up to `end`: a port, or one of the codes. `half` is 0 for what the client says;
 * the sender's address stands at `sender`, in 16 bytes of IPv6 or in 4.
 */
export const readAnnouncement = (bytes: Uint8Array, start: number, end: number, half: number, sender: number, isIpv6: boolean): number => {
  if (half === 0) {
    const port = begins(bytes, start, end, PORT, TAB_TO_SPACE);
    if (port !== NOTHING) return port === PARTIAL ? PARTIAL : sixNumbers(bytes, place, end, CARRIAGE_RETURN, sender);
    const extended = begins(bytes, start, end, EPRT, TAB_TO_SPACE);
    return extended === NOTHING || extended === PARTIAL ? extended : addressAndPort(bytes, place, end, sender, isIpv6);
  }
  const passive = begins(bytes, start, end, PASV, ANY);
  if (passive !== NOTHING) return passive === PARTIAL ? PARTIAL : sixNumbers(bytes, firstDigit(bytes, place, end), end, ANY, sender);
  const extended = begins(bytes, start, end, EPSV, PARENTHESIS);
  return extended === NOTHING || extended === PARTIAL ? extended : portAlone(bytes, place, end);
};

/** Whether a line begins with a word, in any letters; if so, reading goes on behind the next `behind`. */
const begins = (bytes: Uint8Array, start: number, end: number, word: Uint8Array, behind: number): number => {
  const length = Math.min(word.length, end - start);
  for (let index = 0; index < length; index++) {
    if (small(byte(bytes, start + index)) !== byte(word, index)) return NOTHING;
  }
  place = start + word.length;
  if (place >= end) return PARTIAL;
  if (behind === ANY) return 0;
  while (place < end && byte(bytes, place) !== behind) place++;
  return place++ < end ? 0 : PARTIAL;
};

const small = (letter: number): number => (letter >= 65 && letter <= 90 ? letter + 32 : letter);

const digitAt = (bytes: Uint8Array, at: number, end: number): number => {
  const digit = at < end ? byte(bytes, at) - 48 : ANY;
  return digit >= 0 && digit <= 9 ? digit : ANY;
};

const firstDigit = (bytes: Uint8Array, from: number, end: number): number => {
  let at = from;
  while (at < end && digitAt(bytes, at, end) === ANY) at++;
  return at;
};

/** As many numbers of 32 bits as are wanted between separators, each of any digits or none; behind them stands what ends them. */
const readNumbers = (bytes: Uint8Array, from: number, end: number, count: number, separator: number, terminator: number): boolean => {
  place = from;
  for (let index = 0; index < count; index++) {
    let number = 0;
    for (let digit = digitAt(bytes, place, end); digit !== ANY; digit = digitAt(bytes, place, end)) {
      number = (Math.imul(number, 10) + digit) >>> 0;
      place++;
    }
    numbers[index] = number;
    if (place >= end) return false;
    const next = byte(bytes, place);
    if (index + 1 < count) {
      if (next !== separator) return false;
      place++;
    } else if (next === separator || (terminator !== ANY && next !== terminator)) return false;
  }
  return true;
};

const numberAt = (index: number): number => numbers[index] ?? 0;

const isSender4 = (bytes: Uint8Array, sender: number): boolean =>
  ((numberAt(0) << 24) | (numberAt(1) << 16) | (numberAt(2) << 8) | numberAt(3) | 0) === long(bytes, sender);

/** Over IPv6 they stand for the first half of the first half of an address. */
const sixNumbers = (bytes: Uint8Array, from: number, end: number, terminator: number, sender: number): number => {
  if (!readNumbers(bytes, from, end, 6, COMMA, terminator)) return PARTIAL;
  return isSender4(bytes, sender) ? ((numberAt(4) << 8) | numberAt(5)) & 0xffff : ELSEWHERE;
};

/** What may stand between: printed, and no digit. */
const isDelimiter = (character: number): boolean => character >= FIRST_PRINTED && character <= LAST_PRINTED && (character < 48 || character > 57);

const addressAndPort = (bytes: Uint8Array, from: number, end: number, sender: number, isIpv6: boolean): number => {
  if (end - from <= 3) return PARTIAL;
  const delimiter = byte(bytes, from);
  if (!isDelimiter(delimiter) || byte(bytes, from + 2) !== delimiter || byte(bytes, from + 1) !== (isIpv6 ? 50 : 49)) return PARTIAL;
  const isRead = isIpv6 ? readAddress6(bytes, from + 3, end, delimiter) : readNumbers(bytes, from + 3, end, 4, DOT, delimiter);
  if (!isRead) return PARTIAL;
  const port = readPort(bytes, place + 1, end, delimiter);
  if (port === 0) return PARTIAL;
  return (isIpv6 ? isSender6(bytes, sender) : isSender4(bytes, sender)) ? port : ELSEWHERE;
};

const portAlone = (bytes: Uint8Array, from: number, end: number): number => {
  if (end - from <= 3) return PARTIAL;
  const delimiter = byte(bytes, from);
  if (!isDelimiter(delimiter) || byte(bytes, from + 1) !== delimiter || byte(bytes, from + 2) !== delimiter) return PARTIAL;
  return readPort(bytes, from + 3, end, delimiter) || PARTIAL;
};

/** 16 bits of the digits up to a delimiter; 0 if that is no port. */
const readPort = (bytes: Uint8Array, from: number, end: number, delimiter: number): number => {
  let port = 0;
  for (let at = from; at < end; at++) {
    if (byte(bytes, at) === delimiter) return port;
    const digit = digitAt(bytes, at, end);
    if (digit === ANY) return 0;
    port = (port * 10 + digit) & 0xffff;
  }
  return 0;
};

/** An address of IPv6 into `words`; a byte of zero ends it as a delimiter does. */
const readAddress6 = (bytes: Uint8Array, from: number, end: number, delimiter: number): boolean => {
  const at = (offset: number): number => (offset < end ? byte(bytes, offset) : 0);
  const isEnd = (character: number): boolean => character === 0 || character === delimiter;
  const isGap = (offset: number): boolean => delimiter !== COLON && at(offset) === COLON && at(offset + 1) === COLON;
  let [count, gap] = [0, ANY];
  place = from;
  if (isGap(place)) {
    gap = 0;
    place += 2;
  }
  for (let more = gap === ANY || !isEnd(at(place)); more; ) {
    const start = place;
    let word = 0;
    for (let digit = hexDigit(at(place)); digit !== ANY && at(place) !== delimiter; digit = hexDigit(at(place))) {
      word = word * 16 + digit;
      if (word > 0xffff) return false;
      place++;
    }
    if (place === start) return false;
    if (at(place) === DOT && delimiter !== DOT) {
      if (count > 6 || !readDotted(bytes, start, end, delimiter, count)) return false;
      count += 2;
      break;
    }
    if (count === 8) return false;
    words[count++] = word;
    more = !isEnd(at(place));
    if (!more) break;
    if (at(place) !== COLON) return false;
    if (isGap(place)) {
      if (gap !== ANY) return false;
      gap = count;
      place += 2;
      more = !isEnd(at(place));
    } else {
      place++;
    }
  }
  if (gap === ANY) return count === 8;
  if (count === 8) return false;
  words.copyWithin(8 - (count - gap), gap, count);
  words.fill(0, gap, 8 - (count - gap));
  return true;
};

const hexDigit = (character: number): number => {
  if (character >= 48 && character <= 57) return character - 48;
  const letter = small(character);
  return letter >= 97 && letter <= 102 ? letter - 87 : ANY;
};

/** Four octets into two words; a colon ends them as well. */
const readDotted = (bytes: Uint8Array, start: number, end: number, delimiter: number, count: number): boolean => {
  place = start;
  for (let octet = 0; octet < 4; octet++) {
    let value = 0;
    const first = place;
    for (let digit = digitAt(bytes, place, end); digit !== ANY; digit = digitAt(bytes, place, end)) {
      value = value * 10 + digit;
      if (value > 255) return false;
      place++;
    }
    if (place === first || place >= end) return false;
    const next = byte(bytes, place);
    if (octet < 3) {
      if (next !== DOT) return false;
      place++;
    } else if (next !== COLON && next !== delimiter && next !== 0) return false;
    numbers[octet] = value;
  }
  words[count] = (numberAt(0) << 8) | numberAt(1);
  words[count + 1] = (numberAt(2) << 8) | numberAt(3);
  return true;
};

const isSender6 = (bytes: Uint8Array, sender: number): boolean => {
  for (let index = 0; index < 8; index++) if (words[index] !== short(bytes, sender + index * 2)) return false;
  return true;
};
