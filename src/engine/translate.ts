/**
 * Translation in place: addresses, ports and checksums of a packet, and of the packet that an ICMP error quotes.
 *
 * Checksums follow what changed (RFC 1624), so that a right one stays right, and a wrong one in a quote as wrong as it was.
 *
 * Source: nf_nat_proto.c nf_nat_ipv4_manip_pkt(), nf_nat_icmp_reply_translation().
 */
import { sumOf } from './checksum.ts';
import { setCrc } from './crc32c.ts';
import { GRE } from './gre.ts';
import type { Header } from './header.ts';
import { ICMP, isQueryType } from './icmp.ts';
import { byte, long, setShort, short } from './memory.ts';
import { SOURCE } from './nat-rules.ts';
import { SCTP } from './sctp.ts';
import { TCP } from './tcp.ts';
import { UDP_LITE } from './udp-lite.ts';
import { UDP } from './udp.ts';

/** One end of a connection. One record, used again. */
export type End = { protocol: number; address: number; port: number };

const ICMP_HEADER = 8;

/**
 * Rewrites one side of a packet that is all there. Gives how many bytes behind its header had to be in one piece, or -1 if
 * it is too short to be rewritten.
 */
export const rewrite = (bytes: Uint8Array, header: Header, side: number, end: End): number => {
  const joined = rewriteAt(bytes, 0, header.totalLength, side, end);
  if (side === SOURCE) header.source = end.address;
  else header.destination = end.address;
  return joined;
};

/** Rewrites one side of an error, and the other side of what it quotes: both are the same end of its connection. */
export const rewriteError = (bytes: Uint8Array, header: Header, side: number, end: End): number => {
  const { headerLength, totalLength } = header;
  const quote = headerLength + ICMP_HEADER;
  const joined = rewriteAt(bytes, quote, totalLength, 1 - side, end);
  if (joined < 0) return -1;
  setAddress(bytes, 0, side, end.address);
  if (side === SOURCE) header.source = end.address;
  else header.destination = end.address;
  setShort(bytes, headerLength + 2, 0);
  setShort(bytes, headerLength + 2, ~sumOf(bytes, headerLength, totalLength - headerLength) & 0xffff);
  return Math.max(LEAST_ERROR, joined === 0 ? 0 : ICMP_HEADER + (byte(bytes, quote) & 0x0f) * 4 + joined);
};

/** So much of an error is joined to be looked at: with the header of what it quotes. */
export const LEAST_ERROR = ICMP_HEADER + 20;

/** Whether an error is a redirect. */
export const isRedirect = (bytes: Uint8Array, { headerLength }: Header): boolean => byte(bytes, headerLength) === 5;

/** The packet whose header begins at `start` and whose bytes end at `stop`. */
const rewriteAt = (bytes: Uint8Array, start: number, stop: number, side: number, end: End): number => {
  const transport = start + (byte(bytes, start) & 0x0f) * 4;
  const joined = rewritePort(bytes, start, transport, stop, side, end);
  if (joined >= 0) setAddress(bytes, start, side, end.address);
  return joined;
};

const setAddress = (bytes: Uint8Array, start: number, side: number, address: number): void => {
  const at = start + addressAt(side);
  follow(bytes, start + 10, long(bytes, at), address);
  setShort(bytes, at, address >>> 16);
  setShort(bytes, at + 2, address & 0xffff);
};

const addressAt = (side: number): number => (side === SOURCE ? 12 : 16);

const rewritePort = (bytes: Uint8Array, start: number, transport: number, stop: number, side: number, { protocol, address, port }: End): number => {
  const present = stop - transport;
  const addressBefore = long(bytes, start + addressAt(side));
  switch (protocol) {
    case ICMP:
      if (present < 8) return -1;
      if (isQueryType(byte(bytes, transport))) setPort(bytes, transport + 4, transport + 2, port);
      return 8;
    case TCP: {
      if (present < 8) return -1;
      const checksum = present >= 20 ? transport + 16 : NOWHERE;
      setPort(bytes, transport + portAt(side), checksum, port);
      if (checksum !== NOWHERE) follow(bytes, checksum, addressBefore, address);
      return present >= 20 ? 20 : 8;
    }
    case UDP:
    case UDP_LITE: {
      if (present < 8) return -1;
      const isSummed = protocol === UDP_LITE || short(bytes, transport + 6) !== 0;
      setPort(bytes, transport + portAt(side), isSummed ? transport + 6 : NOWHERE, port);
      if (isSummed) follow(bytes, transport + 6, addressBefore, address);
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

/** The checksum at a place after a word, or an address, has become another one. Never 0xffff. */
const follow = (bytes: Uint8Array, at: number, before: number, after: number): void => {
  // Of 32 bits each half counts. The complement of what was there is what is added.
  let sum = (~short(bytes, at) & 0xffff) + (~(before >>> 16) & 0xffff) + (~before & 0xffff) + (after >>> 16) + (after & 0xffff);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  setShort(bytes, at, ~sum & 0xffff);
};
