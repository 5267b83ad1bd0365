/**
 * Forwarding of IPv6: what is not routed on, and what changes in what is.
 *
 * Source: ip6_output.c ip6_forward(), ip6_fragment(), ip6_find_1stfragopt(); route.c rt6_need_strict().
 */
import { assert } from './assert.ts';
import type { Datagram } from './fragments.ts';
import { cutAgain, SCTP_HEADER } from './forward.ts';
import type { Header } from './header.ts';
import { DESTINATION, DESTINATION_OPTIONS, FIXED, FRAGMENT, FRAGMENT_BYTES, HOP_BY_HOP, HOP_LIMIT, lengthOfExtension, NEXT_HEADER, ROUTING, SOURCE } from './header6.ts';
import { byte, copyBytes, long, setShort, short, word } from './memory.ts';
import type { Outgoing } from './outgoing.ts';
import { SCTP } from './sctp.ts';

/**
 * Whether the addresses lead nowhere from here: to fe80::/10 or a group; from fe80::/10 or `::`, but the source is not
 * looked at where the first piece came in by the exit, which would be worth a redirect.
 */
export const isMartian6 = (bytes: Uint8Array, cameByExit: boolean): boolean =>
  isLinkLocal(bytes, DESTINATION) || byte(bytes, DESTINATION) === 0xff || (!cameByExit && (isUnspecified(bytes) || isLinkLocal(bytes, SOURCE)));

const isUnspecified = (bytes: Uint8Array): boolean =>
  long(bytes, SOURCE) === 0 && long(bytes, SOURCE + 4) === 0 && long(bytes, SOURCE + 8) === 0 && long(bytes, SOURCE + 12) === 0;

const isLinkLocal = (bytes: Uint8Array, place: number): boolean => (short(bytes, place) & 0xffc0) === 0xfe80;

/** A whole packet leaves as it came, less one hop and what lies behind its length. */
export const forwardWhole6 = (out: Outgoing, bytes: Uint8Array, header: Header): void => {
  assert(header.ttl > 1, 'a packet that dies here does not leave');
  copyBytes(bytes, 0, out.bytes, 0, header.totalLength);
  out.bytes[HOP_LIMIT] = header.ttl - 1;
  out.start[0] = 0;
  out.end[0] = header.totalLength;
  out.pieces = 1;
};

/** What every link carries (RFC 8200 section 5). */
const LEAST_MTU = 1280;

/**
 * A datagram that was put together leaves whole if it is no larger than the largest fragment that came. Otherwise it is
 * cut where it was, behind the headers that every piece carries; or, if a piece were too large or odd, into new ones.
 * `joined`: bytes behind all headers that had to be in one piece on the way; more than there are is all of them.
 */
export const forwardPieces6 = (out: Outgoing, datagram: Datagram, header: Header, isTracked: boolean, joined: number): 'left' | 'headers' | 'fragments-full' => {
  const { bytes } = datagram;
  if (header.totalLength <= datagram.largest) {
    forwardWhole6(out, bytes, header);
    return 'left';
  }
  const read = Math.max(isTracked ? endOfSctpHeader(header) : 0, joined === 0 ? 0 : Math.min(header.totalLength, header.headerLength + joined));
  const nextAt = carriedBy(bytes, header);
  if (nextAt === 0) return 'headers';
  const carried = header.headerLength;
  const most = Math.max(LEAST_MTU, datagram.largest) - carried - FRAGMENT_BYTES;
  const moved = carried - datagram.firstHeader;
  const first = word(datagram.pieceLength, 0) - moved;
  if (Math.max(first, read - carried) < 0 || most < 8) return 'headers';
  datagram.pieceLength[0] = first;
  for (let piece = 1; piece < datagram.pieces; piece++) datagram.pieceOffset[piece] = word(datagram.pieceOffset, piece) - moved;
  if (read - carried > first) joinPieces(datagram, read - carried);
  if (!piecesFit6(datagram, most)) cutAgain(datagram, header.totalLength - carried, most);
  return writePieces(out, datagram, carried, nextAt, header.ttl - 1) ? 'left' : 'fragments-full';
};

/** Where the SCTP header ends behind all others, up to which tracking joins what it reads (skb_ensure_writable()); 0 if there is none. */
const endOfSctpHeader = ({ protocol, totalLength, headerLength }: Header): number =>
  protocol === SCTP && totalLength - headerLength >= SCTP_HEADER ? headerLength + SCTP_HEADER : 0;

/** Gives the first piece `least` bytes, and the others what is left. */
const joinPieces = (datagram: Datagram, least: number): void => {
  const { pieceOffset, pieceLength } = datagram;
  let pieces = 1;
  for (let piece = 1; piece < datagram.pieces; piece++) {
    const end = word(pieceOffset, piece) + word(pieceLength, piece);
    if (end <= least) continue;
    pieceOffset[pieces] = Math.max(least, word(pieceOffset, piece));
    pieceLength[pieces] = end - word(pieceOffset, pieces);
    pieces++;
  }
  pieceLength[0] = least;
  datagram.pieces = pieces;
};

/**
 * Measures the headers that every piece carries, into the record's `headerLength`: hop-by-hop, routing, and destination
 * options not behind routing. Returns where the header behind them is named, 0 if they are not all there.
 */
const carriedBy = (bytes: Uint8Array, header: Header): number => {
  const end = header.totalLength;
  let routed = false;
  let nextAt = NEXT_HEADER;
  let place = FIXED;
  for (let type = byte(bytes, nextAt); ; type = byte(bytes, nextAt)) {
    const isCarried = type === HOP_BY_HOP || type === ROUTING || (type === DESTINATION_OPTIONS && !routed);
    if (!isCarried) break;
    routed ||= type === ROUTING;
    if (place + 2 > end) return 0;
    nextAt = place;
    place += lengthOfExtension(bytes, type, place);
    if (place > end) return 0;
  }
  header.headerLength = place;
  return nextAt;
};

const piecesFit6 = (datagram: Datagram, most: number): boolean => {
  for (let piece = 0; piece < datagram.pieces; piece++) {
    const length = word(datagram.pieceLength, piece);
    if (length > most || (length % 8 !== 0 && piece + 1 < datagram.pieces)) return false;
  }
  return true;
};

/** False if there is no room for all of them. Their identification is 0: any will do that is one for all pieces. */
const writePieces = (out: Outgoing, datagram: Datagram, carried: number, nextAt: number, hopLimit: number): boolean => {
  const { bytes, pieces } = datagram;
  const next = byte(bytes, nextAt);
  let start = 0;
  for (let piece = 0; piece < pieces; piece++) {
    const offset = word(datagram.pieceOffset, piece);
    const length = word(datagram.pieceLength, piece);
    const header = start + carried;
    const end = header + FRAGMENT_BYTES + length;
    if (end > out.bytes.length) return false;
    copyBytes(bytes, 0, out.bytes, start, carried);
    setShort(out.bytes, start + 4, end - start - FIXED);
    out.bytes[start + HOP_LIMIT] = hopLimit;
    out.bytes[start + nextAt] = FRAGMENT;
    out.bytes[header] = next;
    out.bytes[header + 1] = 0;
    setShort(out.bytes, header + 2, offset | (piece + 1 < pieces ? 1 : 0));
    setShort(out.bytes, header + 4, 0);
    setShort(out.bytes, header + 6, 0);
    copyBytes(bytes, carried + offset, out.bytes, header + FRAGMENT_BYTES, length);
    out.start[piece] = start;
    out.end[piece] = end;
    start = end;
  }
  out.pieces = pieces;
  return true;
};
