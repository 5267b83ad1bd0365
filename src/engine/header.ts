/**
 * IPv4 headers: read into one reused record, and admitted or refused. Source: RFC 791; ip_rcv_core().
 */
import { sumOf } from './checksum.ts';
import { byte, long, short } from './memory.ts';

export type Header = {
  /** 4 or 6. */
  version: number;
  /** Bytes up to the protocol: 20..60; with IPv6's extension headers 40 and more, perhaps beyond the packet's end. */
  headerLength: number;
  /** Bytes of header and payload; what lies behind them belongs to the link. */
  totalLength: number;
  tos: number;
  id: number;
  df: boolean;
  mf: boolean;
  /** Bytes, a multiple of 8. */
  offset: number;
  ttl: number;
  protocol: number;
  /** IPv4 addresses, or the numbers of IPv6 addresses. */
  source: number;
  destination: number;
  /** IPv6: where the first fragment header begins, 0 if there is none, and where it is named as the next one. */
  fragmentAt: number;
  nextAt: number;
};

export const MF = 0x2000;
export const DF = 0x4000;

export const createHeader = (): Header => ({
  version: 4,
  headerLength: 0,
  totalLength: 0,
  tos: 0,
  id: 0,
  df: false,
  mf: false,
  offset: 0,
  ttl: 0,
  protocol: 0,
  source: 0,
  destination: 0,
  fragmentAt: 0,
  nextAt: 0,
});

/** Reads a header and says whether the packet is admitted: an IPv4 header, right, and all of its packet there. */
export const admit = (bytes: Uint8Array, header: Header): boolean => {
  if (bytes.length < 20) return false;
  const first = byte(bytes, 0);
  const headerLength = (first & 0x0f) * 4;
  if (first >>> 4 !== 4 || headerLength < 20 || headerLength > bytes.length) return false;
  readHeader(bytes, header);
  if (header.totalLength < headerLength || header.totalLength > bytes.length) return false;
  return sumOf(bytes, 0, headerLength) === 0xffff;
};

/** Reads a header that is known to be one. */
export const readHeader = (bytes: Uint8Array, header: Header): void => {
  const fragment = short(bytes, 6);
  header.version = 4;
  header.headerLength = (byte(bytes, 0) & 0x0f) * 4;
  header.totalLength = short(bytes, 2);
  header.tos = byte(bytes, 1);
  header.id = short(bytes, 4);
  header.df = (fragment & DF) !== 0;
  header.mf = (fragment & MF) !== 0;
  header.offset = (fragment & 0x1fff) * 8;
  header.ttl = byte(bytes, 8);
  header.protocol = byte(bytes, 9);
  header.source = long(bytes, 12);
  header.destination = long(bytes, 16);
};
