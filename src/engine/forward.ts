/**
 * Forwarding: what is not routed on, and what changes in what is.
 *
 * Source: ip_input.c ip_rcv_options(), route.c ip_route_input_slow() (martians), ip_forward.c, ip_output.c ip_do_fragment().
 */
import { assert } from './assert.ts';
import { sumOf } from './checksum.ts';
import type { Datagram } from './fragments.ts';
import { DF, MF, type Header } from './header.ts';
import { SCTP } from './sctp.ts';
import { byte, copyBytes, setShort, short, word } from './memory.ts';
import type { Outgoing } from './outgoing.ts';

const OPTION_END = 0;
const OPTION_NOP = 1;

/**
 * Whether routing refuses the addresses: 0.0.0.0, 127/8, 224/4 and 255.255.255.255 at either end. 240/4 is ordinary, and
 * so is the rest of 0/8 since Linux 5.3.
 */
export const isMartian = (header: Header): boolean => isNowhere(header.source) || isNowhere(header.destination);

const isNowhere = (address: number): boolean => {
  const first = address >>> 24;
  return address === 0 || first === 127 || first >>> 4 === 0b1110 || address === -1;
};

/** Whether each option lies within the header. What options ask for is not done: they are carried along. */
export const optionsFit = (bytes: Uint8Array, header: Header): boolean => {
  const end = header.headerLength;
  for (let place = 20; place < end; ) {
    const kind = byte(bytes, place);
    if (kind === OPTION_END) return true;
    const length = kind === OPTION_NOP ? 1 : lengthOfOption(bytes, place, end);
    if (length === 0) return false;
    place += length;
  }
  return true;
};

/** An option's length, or 0 if it does not fit. */
const lengthOfOption = (bytes: Uint8Array, place: number, end: number): number => {
  if (place + 1 >= end) return 0;
  const length = byte(bytes, place + 1);
  return length < 2 || place + length > end ? 0 : length;
};

/** A whole packet leaves as it came, less one hop and what lies behind its length. */
export const forwardWhole = (out: Outgoing, bytes: Uint8Array, header: Header): void => {
  assert(header.ttl > 1, 'a packet that dies here does not leave');
  copyBytes(bytes, 0, out.bytes, 0, header.totalLength);
  out.bytes[8] = header.ttl - 1;
  if (header.headerLength > 20) {
    clearAfterEnd(out.bytes, 0, header.headerLength);
    writeChecksum(out.bytes, 0, header.headerLength);
  } else {
    // One less in the upper half of a word is one more in its complement (RFC 1624), with the carry brought round.
    const sum = short(bytes, 10) + 0x0100;
    setShort(out.bytes, 10, sum >= 0xffff ? sum + 1 : sum);
  }
  out.start[0] = 0;
  out.end[0] = header.totalLength;
  out.pieces = 1;
};

/**
 * A datagram that was put together leaves in the pieces it came in, in their order, without DF. But the first one's
 * header is on all of them: if that makes one larger than any fragment that came, all is cut again to that size, and
 * then DF stays (ip_do_fragment(): fast and slow path). `joined`: up to where the datagram had to be in one piece on the way.
 */
export const forwardPieces = (out: Outgoing, datagram: Datagram, header: Header, isTracked: boolean, joined: number): void => {
  assert(header.ttl > 1, 'a packet that dies here does not leave');
  const { headerLength } = header;
  const most = datagram.largest - headerLength;
  const asItCame = piecesFit(datagram, most) && !(isTracked && isJoined(datagram, header, joined));
  if (!asItCame) cutAgain(datagram, header.totalLength - headerLength, most);
  const df = header.df && !asItCame ? DF : 0;
  let start = 0;
  for (let piece = 0; piece < datagram.pieces; piece++) {
    const offset = word(datagram.pieceOffset, piece);
    const length = word(datagram.pieceLength, piece);
    const payload = start + headerLength;
    copyBytes(datagram.bytes, 0, out.bytes, start, headerLength);
    copyBytes(datagram.bytes, headerLength + offset, out.bytes, payload, length);
    clearAfterEnd(out.bytes, start, headerLength);
    if (piece > 0) blankOptions(out.bytes, start, headerLength);
    const more = piece + 1 < datagram.pieces ? MF : 0;
    setShort(out.bytes, start + 2, headerLength + length);
    setShort(out.bytes, start + 6, df | more | (offset / 8));
    out.bytes[start + 8] = header.ttl - 1;
    writeChecksum(out.bytes, start, headerLength);
    out.start[piece] = start;
    out.end[piece] = payload + length;
    start = payload + length;
  }
  out.pieces = datagram.pieces;
};

const piecesFit = (datagram: Datagram, most: number): boolean => {
  for (let piece = 0; piece < datagram.pieces; piece++) {
    if (word(datagram.pieceLength, piece) > most) return false;
  }
  return true;
};

/**
 * Whether tracking had to join pieces to see a whole SCTP header (skb_ensure_writable() in sctp_error()), or translation
 * to write so many bytes: then all is cut again.
 */
const isJoined = (datagram: Datagram, { protocol, totalLength, headerLength }: Header, joined: number): boolean => {
  const first = word(datagram.pieceLength, 0);
  return headerLength + first < joined || (protocol === SCTP && totalLength - headerLength >= SCTP_HEADER && first < SCTP_HEADER);
};

export const SCTP_HEADER = 12;

/** New pieces of at most `most` bytes; all but the last are multiples of 8. */
export const cutAgain = (datagram: Datagram, length: number, most: number): void => {
  assert(most >= 8, 'a piece holds something');
  let pieces = 0;
  for (let offset = 0; offset < length; ) {
    const left = length - offset;
    const part = left <= most ? left : most & ~7;
    datagram.pieceOffset[pieces] = offset;
    datagram.pieceLength[pieces] = part;
    pieces++;
    offset += part;
  }
  datagram.pieces = pieces;
};

const writeChecksum = (bytes: Uint8Array, start: number, headerLength: number): void => {
  setShort(bytes, start + 10, 0);
  setShort(bytes, start + 10, ~sumOf(bytes, start, headerLength) & 0xffff);
};

/** Whatever stands behind the end of the options leaves as zero (ip_options_compile()). */
const clearAfterEnd = (bytes: Uint8Array, start: number, headerLength: number): void => {
  const end = start + headerLength;
  for (let place = start + 20; place < end; ) {
    const kind = byte(bytes, place);
    if (kind === OPTION_END) {
      bytes.fill(0, place, end);
      return;
    }
    place += kind === OPTION_NOP ? 1 : lengthOfOption(bytes, place, end);
  }
};

/** Options without the copied flag stand in the first piece only (RFC 791); elsewhere their place is kept with NOPs. */
const blankOptions = (bytes: Uint8Array, start: number, headerLength: number): void => {
  const end = start + headerLength;
  for (let place = start + 20; place < end; ) {
    const kind = byte(bytes, place);
    if (kind === OPTION_END) return;
    if (kind === OPTION_NOP) {
      place++;
      continue;
    }
    const length = lengthOfOption(bytes, place, end);
    assert(length > 0, 'options were checked before');
    if ((kind & 0x80) === 0) bytes.fill(OPTION_NOP, place, place + length);
    place += length;
  }
};
