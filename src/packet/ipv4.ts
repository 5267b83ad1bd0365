/**
 * IPv4 in bytes: a header of 20 to 60, a payload up to the total length, and a trailer after it.
 *
 * Source: RFC 791.
 */
import type { Ipv4, Opaque, Packet, Raw } from '../../spec/trace/packet.ts';
import type { Transport } from '../../spec/trace/transport.ts';
import { addressToWord, wordToAddress } from './address.ts';
import { namedChecksum, rightChecksum, sumOfWords, writtenChecksum } from './checksum.ts';
import { read16, read32, read8, readHex, sizeOf, write16, write32, write8, writeHex } from './octets.ts';
import { decodeTransport, encodeTransport, transportLength } from './transport.ts';

const VERSION = 4;
const MIN_HEADER = 20;
const MAX_HEADER = 60;

const VERSION_AND_HEADER_LENGTH = 0;
const TOS = 1;
const TOTAL_LENGTH = 2;
const ID = 4;
const FLAGS_AND_OFFSET = 6;
const TTL = 8;
const PROTOCOL = 9;
const CHECKSUM = 10;
const SOURCE = 12;
const DESTINATION = 16;
const OPTIONS = 20;

const RESERVED = 0x8000;
const DF = 0x4000;
const MF = 0x2000;
/** Offsets are counted in units of eight bytes. */
const OFFSET_UNITS = 0x1fff;

/** Any bytes: what is not IPv4 is raw. */
export const decodeIpv4 = (bytes: Uint8Array): Packet => {
  const header = (read8(bytes, VERSION_AND_HEADER_LENGTH) & 0x0f) * 4;
  const why = notIpv4(bytes, header);
  if (why) return { kind: 'raw', bytes: readHex(bytes, 0, bytes.length), why };

  const flags = read16(bytes, FLAGS_AND_OFFSET);
  const total = read16(bytes, TOTAL_LENGTH);
  const lengthIsRight = total >= header && total <= bytes.length;
  const end = lengthIsRight ? total : bytes.length;
  return {
    kind: 'ipv4',
    source: wordToAddress(read32(bytes, SOURCE)),
    destination: wordToAddress(read32(bytes, DESTINATION)),
    tos: read8(bytes, TOS),
    id: read16(bytes, ID),
    reserved: (flags & RESERVED) !== 0,
    df: (flags & DF) !== 0,
    mf: (flags & MF) !== 0,
    offset: (flags & OFFSET_UNITS) * 8,
    ttl: read8(bytes, TTL),
    protocol: read8(bytes, PROTOCOL),
    options: readHex(bytes, OPTIONS, header),
    length: lengthIsRight ? 'right' : { claimed: total },
    checksum: namedChecksum(read16(bytes, CHECKSUM), rightChecksum(bytes, 0, header, CHECKSUM, 0)),
    payload: decodePayload(bytes, header, end, lengthIsRight),
    trailer: readHex(bytes, end, bytes.length),
  };
};

/** Why these bytes have no IPv4 header, if they have none. */
const notIpv4 = (bytes: Uint8Array, header: number): Raw['why'] | undefined => {
  if (bytes.length < MIN_HEADER) return 'short';
  if (read8(bytes, VERSION_AND_HEADER_LENGTH) >>> 4 !== VERSION) return 'version';
  if (header < MIN_HEADER || header > bytes.length) return 'header-length';
  return undefined;
};

const decodePayload = (bytes: Uint8Array, start: number, end: number, lengthIsRight: boolean): Transport | Opaque => {
  const opaque = (why: Opaque['why']): Opaque => ({ kind: 'opaque', bytes: readHex(bytes, start, end), why });
  if (!lengthIsRight) return opaque('length');
  if ((read16(bytes, FLAGS_AND_OFFSET) & (MF | OFFSET_UNITS)) !== 0) return opaque('fragment');
  return decodeTransport(bytes, start, end, read8(bytes, PROTOCOL), sumOfWords(bytes, SOURCE, OPTIONS), VERSION);
};

/** Throws a RangeError where a field cannot be expressed. */
export const encodeIpv4 = (packet: Ipv4): Uint8Array => {
  const { payload } = packet;
  const header = OPTIONS + sizeOf(packet.options, 'IPv4 options');
  if (header % 4 !== 0 || header > MAX_HEADER) {
    throw new RangeError(`Packet: IPv4 options have ${header - OPTIONS} bytes; give a multiple of 4, at most 40.`);
  }
  const end = header + transportLength(payload);
  const bytes = Buffer.alloc(end + sizeOf(packet.trailer, 'IPv4 trailer'));
  writeHeader(bytes, packet, header, packet.length === 'right' ? end : packet.length.claimed);
  encodeTransport(bytes, header, payload, packet.protocol, sumOfWords(bytes, SOURCE, OPTIONS), VERSION);
  writeHex(bytes, end, packet.trailer, 'IPv4 trailer');
  return bytes;
};

const writeHeader = (bytes: Uint8Array, packet: Ipv4, header: number, total: number): void => {
  write8(bytes, VERSION_AND_HEADER_LENGTH, (VERSION << 4) | (header / 4), 'IPv4 header length');
  write8(bytes, TOS, packet.tos, 'IPv4 TOS');
  write16(bytes, TOTAL_LENGTH, total, 'IPv4 total length');
  write16(bytes, ID, packet.id, 'IPv4 id');
  write16(bytes, FLAGS_AND_OFFSET, flagsOf(packet) | offsetOf(packet), 'IPv4 flags and offset');
  write8(bytes, TTL, packet.ttl, 'IPv4 TTL');
  write8(bytes, PROTOCOL, packet.protocol, 'IPv4 protocol');
  write32(bytes, SOURCE, addressToWord(packet.source), 'IPv4 source');
  write32(bytes, DESTINATION, addressToWord(packet.destination), 'IPv4 destination');
  writeHex(bytes, OPTIONS, packet.options, 'IPv4 options');
  write16(bytes, CHECKSUM, writtenChecksum(packet.checksum, rightChecksum(bytes, 0, header, CHECKSUM, 0)), 'IPv4 header checksum');
};

const flagsOf = (packet: Ipv4): number => (packet.reserved ? RESERVED : 0) | (packet.df ? DF : 0) | (packet.mf ? MF : 0);

const offsetOf = ({ offset }: Ipv4): number => {
  const units = offset / 8;
  if (Number.isInteger(units) && units >= 0 && units <= OFFSET_UNITS) return units;
  throw new RangeError(`Packet: IPv4 offset is ${offset}; give a multiple of 8 from 0 to ${OFFSET_UNITS * 8}.`);
};
