/**
 * Translation in place: addresses, ports and checksums of a packet, and of the packet that an ICMP error quotes.
 *
 * Checksums follow what changed (RFC 1624), so that a right one stays right, and a wrong one in a quote as wrong as it was.
 *
 * Source: nf_nat_proto.c nf_nat_ipv4_manip_pkt(), nf_nat_ipv6_manip_pkt(), nf_nat_icmp_reply_translation(),
 * nf_nat_icmpv6_reply_translation().
 */
import { sumOf } from './checksum.ts';
import { setCrc } from './crc32c.ts';
import { GRE } from './gre.ts';
import { createHeader, type Header } from './header.ts';
import { DESTINATION as DESTINATION_6, findProtocol, FIXED, NEXT_HEADER, SOURCE as SOURCE_6 } from './header6.ts';
import { ICMP, isQueryType } from './icmp.ts';
import { ICMPV6, isEcho } from './icmp6.ts';
import { byte, long, setLong, setShort, short, word } from './memory.ts';
import { SOURCE } from './nat-rules.ts';
import { SCTP } from './sctp.ts';
import { TCP } from './tcp.ts';
import { UDP_LITE } from './udp-lite.ts';
import { UDP } from './udp.ts';

/** One end of a connection. One record, used again. */
export type End = {
  protocol: number;
  /** As in headers. */
  address: number;
  /** Its bytes: so many words, 1 or 4. */
  readonly words: Int32Array;
  length: number;
  port: number;
};

const ICMP_HEADER = 8;

/**
 * Rewrites one side of a packet that is all there. Gives up to where it had to be in one piece, 0 if that did not matter, or
 * -1 if it is too short to be rewritten.
 */
export const rewrite = (bytes: Uint8Array, header: Header, side: number, end: End): number => {
  const joined = rewriteAt(bytes, 0, header.headerLength, header.totalLength, side, end);
  setSide(header, side, end.address);
  return joined;
};

/** Rewrites one side of an error, and the other side of what it quotes: both are the same end of its connection. */
export const rewriteError = (bytes: Uint8Array, header: Header, side: number, end: End): number => {
  const { headerLength, totalLength } = header;
  const quote = headerLength + ICMP_HEADER;
  const joined = rewriteAt(bytes, quote, transportOf(bytes, quote, header), totalLength, 1 - side, end);
  if (joined < 0) return -1;
  setAddress(bytes, 0, side, end);
  setSide(header, side, end.address);
  setShort(bytes, headerLength + 2, 0);
  const length = totalLength - headerLength;
  // ICMPv6 sums up addresses, the protocol and the length as well.
  const pseudo = header.version === 6 ? sumOf(bytes, SOURCE_6, FIXED - SOURCE_6, ICMPV6 + length) : 0;
  setShort(bytes, headerLength + 2, ~sumOf(bytes, headerLength, length, pseudo) & 0xffff);
  return Math.max(endOfLeastError(header), joined);
};

const setSide = (header: Header, side: number, address: number): void => {
  if (side === SOURCE) header.source = address;
  else header.destination = address;
};

/** So much of an error is joined to be looked at: with the header of what it quotes. */
export const endOfLeastError = ({ version, headerLength }: Header): number => headerLength + ICMP_HEADER + (version === 6 ? FIXED : 20);

/** Whether an error is a redirect; those of IPv6 are no errors. */
export const isRedirect = (bytes: Uint8Array, { version, headerLength }: Header): boolean => version === 4 && byte(bytes, headerLength) === 5;

/** Where a quoted chain of headers leads. One record, used again. */
const quoted = createHeader();

/** Where the transport of a quoted packet begins. It was found before, or there would be no connection. */
const transportOf = (bytes: Uint8Array, quote: number, { version, totalLength }: Header): number => {
  if (version === 4) return quote + (byte(bytes, quote) & 0x0f) * 4;
  quoted.totalLength = totalLength;
  findProtocol(bytes, quoted, byte(bytes, quote + NEXT_HEADER), quote + FIXED);
  return quoted.headerLength;
};

/** The packet whose header begins at `start` and whose bytes end at `stop`. */
const rewriteAt = (bytes: Uint8Array, start: number, transport: number, stop: number, side: number, end: End): number => {
  const joined = rewritePort(bytes, start, transport, stop, side, end);
  if (joined >= 0) setAddress(bytes, start, side, end);
  return joined > 0 ? transport + joined : joined;
};

const setAddress = (bytes: Uint8Array, start: number, side: number, end: End): void => {
  const at = start + addressAt(side, end);
  if (end.length === 1) followAddress(bytes, start + 10, at, end);
  for (let part = 0; part < end.length; part++) setLong(bytes, at + part * 4, word(end.words, part));
};

const addressAt = (side: number, { length }: End): number => {
  if (length === 1) return side === SOURCE ? 12 : 16;
  return side === SOURCE ? SOURCE_6 : DESTINATION_6;
};

/** How many bytes of the transport had to be in one piece. */
const rewritePort = (bytes: Uint8Array, start: number, transport: number, stop: number, side: number, end: End): number => {
  const present = stop - transport;
  const address = start + addressAt(side, end);
  const { protocol, port } = end;
  switch (protocol) {
    case ICMP:
      if (present < 8) return -1;
      if (isQueryType(byte(bytes, transport))) setPort(bytes, transport + 4, transport + 2, port);
      return 8;
    case ICMPV6:
      if (present < 8) return -1;
      followAddress(bytes, transport + 2, address, end);
      if (isEcho(byte(bytes, transport))) setPort(bytes, transport + 4, transport + 2, port);
      return 8;
    case TCP: {
      if (present < 8) return -1;
      const checksum = present >= 20 ? transport + 16 : NOWHERE;
      // Before the port, which may stand in a header that is too short.
      if (checksum !== NOWHERE) followAddress(bytes, checksum, address, end);
      setPort(bytes, transport + portAt(side), checksum, port);
      return present >= 20 ? 20 : 8;
    }
    case UDP:
    case UDP_LITE: {
      if (present < 8) return -1;
      const isSummed = protocol === UDP_LITE || short(bytes, transport + 6) !== 0;
      if (isSummed) followAddress(bytes, transport + 6, address, end);
      setPort(bytes, transport + portAt(side), isSummed ? transport + 6 : NOWHERE, port);
      if (isSummed && short(bytes, transport + 6) === 0) setShort(bytes, transport + 6, 0xffff);
      return 8;
    }
    case SCTP:
      if (present < 8) return -1;
      setPort(bytes, transport + portAt(side), NOWHERE, port);
      if (present >= 12) setCrc(bytes, transport, stop, transport + 8);
      return present >= 12 ? 12 : 8;
    case GRE:
      // Its call id stays, but it is looked for.
      return present < 8 || (side !== SOURCE && (byte(bytes, transport + 1) & 7) > 1) ? -1 : 8;
    default:
      return 0;
  }
};

const NOWHERE = -1;

const portAt = (side: number): number => (side === SOURCE ? 0 : 2);

const setPort = (bytes: Uint8Array, at: number, checksum: number, port: number): void => {
  if (checksum !== NOWHERE) follow(bytes, checksum, short(bytes, at), port);
  setShort(bytes, at, port);
};

/** The checksum at a place after the address at another has become this end's. */
const followAddress = (bytes: Uint8Array, checksum: number, at: number, { words, length }: End): void => {
  for (let part = 0; part < length; part++) follow(bytes, checksum, long(bytes, at + part * 4), word(words, part));
};

/** The checksum at a place after a word, or a port, has become another one. Never 0xffff. */
const follow = (bytes: Uint8Array, at: number, before: number, after: number): void => {
  // Of 32 bits each half counts. The complement of what was there is what is added.
  let sum = (~short(bytes, at) & 0xffff) + (~(before >>> 16) & 0xffff) + (~before & 0xffff) + (after >>> 16) + (after & 0xffff);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  setShort(bytes, at, ~sum & 0xffff);
};
