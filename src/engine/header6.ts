/**
 * IPv6 headers: read into the record that IPv4 has too, and admitted or refused; and the way through extension headers.
 *
 * Source: RFC 8200; ip6_rcv_core(), ip6_parse_tlv(), ipv6_skip_exthdr(), find_prev_fhdr().
 */
import type { Header } from './header.ts';
import { byte, long, short } from './memory.ts';

/** Bytes of the fixed header. */
export const FIXED = 40;
export const NEXT_HEADER = 6;
export const HOP_LIMIT = 7;
export const SOURCE = 8;
export const DESTINATION = 24;

export const HOP_BY_HOP = 0;
export const ROUTING = 43;
export const FRAGMENT = 44;
const AUTHENTICATION = 51;
const NO_NEXT = 59;
export const DESTINATION_OPTIONS = 60;
export const FRAGMENT_BYTES = 8;

/** Reads a header and says whether the packet is admitted. Addresses are not numbered here. */
export const admit6 = (bytes: Uint8Array, header: Header): boolean => {
  if (bytes.length < FIXED) return false;
  readHeader6(bytes, header);
  if (isLoopback(bytes, SOURCE) || isLoopback(bytes, DESTINATION)) return false;
  if (byte(bytes, SOURCE) === 0xff) return false;
  if (byte(bytes, DESTINATION) === 0xff && (byte(bytes, DESTINATION + 1) & 0x0f) <= 1) return false;
  if (header.totalLength > bytes.length) return false;
  return byte(bytes, NEXT_HEADER) !== HOP_BY_HOP || header.totalLength === FIXED || hopByHopIsFine(bytes, header.totalLength);
};

/** Reads a header that is known to be one. */
export const readHeader6 = (bytes: Uint8Array, header: Header): void => {
  header.version = 6;
  header.df = false;
  header.totalLength = FIXED + short(bytes, 4);
  header.tos = (short(bytes, 0) >>> 4) & 0xff;
  header.ttl = byte(bytes, HOP_LIMIT);
  header.protocol = byte(bytes, NEXT_HEADER);
  header.headerLength = FIXED;
};

const isLoopback = (bytes: Uint8Array, place: number): boolean =>
  long(bytes, place) === 0 && long(bytes, place + 4) === 0 && long(bytes, place + 8) === 0 && long(bytes, place + 12) === 1;

const PAD_1 = 0;
const PAD_N = 1;
const PADDING_MAX = 7;
const OPTIONS_MAX = 8;

/** Whether hop-by-hop options behind the fixed header can be read, and none of them asks for the packet to be dropped. */
const hopByHopIsFine = (bytes: Uint8Array, total: number): boolean => {
  if (total < FIXED + 8) return false;
  const end = FIXED + (byte(bytes, FIXED + 1) + 1) * 8;
  if (end > total) return false;
  let padding = 0;
  let options = 0;
  let place = FIXED + 2;
  while (place < end) {
    const type = byte(bytes, place);
    if (type !== PAD_1 && place + 1 === end) return false;
    const length = type === PAD_1 ? 1 : byte(bytes, place + 1) + 2;
    if (place + length > end) return false;
    if (type === PAD_1 || type === PAD_N) {
      padding += length;
      if (padding > PADDING_MAX || !isZero(bytes, place + 2, place + length)) return false;
    } else {
      padding = 0;
      options++;
      if (options > OPTIONS_MAX || asksForDropping(type, length)) return false;
    }
    place += length;
  }
  return true;
};

const isZero = (bytes: Uint8Array, from: number, to: number): boolean => {
  for (let place = from; place < to; place++) if (byte(bytes, place) !== 0) return false;
  return true;
};

const ROUTER_ALERT = 5;

/** The upper two bits of a type say what to do with an unknown one; a jumbo length (0xc2) beside the other is wrong. */
const asksForDropping = (type: number, length: number): boolean => (type === ROUTER_ALERT ? length !== 4 : type >>> 6 !== 0);

const isExtension = (type: number): boolean =>
  type === HOP_BY_HOP || type === ROUTING || type === FRAGMENT || type === AUTHENTICATION || type === DESTINATION_OPTIONS;

/** The bytes of an extension header that begins at `place`. */
export const lengthOfExtension = (bytes: Uint8Array, type: number, place: number): number => {
  if (type === FRAGMENT) return FRAGMENT_BYTES;
  const units = byte(bytes, place + 1);
  return type === AUTHENTICATION ? (units + 2) * 4 : (units + 1) * 8;
};

/**
 * Looks for the first fragment header: where it stands (`fragmentAt`, 0 if there is none) and where the header before
 * names it (`nextAt`). It need not be all there.
 */
export const findFragment = (bytes: Uint8Array, header: Header): void => {
  const end = header.totalLength;
  let place = FIXED;
  let type = byte(bytes, NEXT_HEADER);
  header.fragmentAt = 0;
  header.nextAt = NEXT_HEADER;
  while (type !== FRAGMENT) {
    if (!isExtension(type) || place + 2 > end) return;
    const length = lengthOfExtension(bytes, type, place);
    type = byte(bytes, place);
    header.nextAt = place;
    place += length;
  }
  if (end > FIXED && place <= end) header.fragmentAt = place;
};

/**
 * Goes from header to header, beginning with one of this type at `place`, to the protocol behind: then that and where it
 * begins, perhaps beyond the end, are in the header's record. False if there is none.
 */
export const findProtocol = (bytes: Uint8Array, header: Header, first: number, from: number): boolean => {
  const end = header.totalLength;
  let type = first;
  let place = from;
  while (isExtension(type)) {
    if (place + 2 > end) return false;
    if (type === FRAGMENT && (place + 4 > end || short(bytes, place + 2) >= 8)) return false;
    const length = lengthOfExtension(bytes, type, place);
    type = byte(bytes, place);
    place += length;
  }
  header.protocol = type;
  header.headerLength = place;
  return type !== NO_NEXT;
};
