/**
 * IPv6 in bytes: a header of 40, extension headers, a payload up to the payload length, and a trailer after it.
 *
 * Source: RFC 8200.
 */
import type { Ipv6, Opaque, Packet } from '../../spec/trace/packet.ts';
import type { Transport } from '../../spec/trace/transport.ts';
import { readAddress6, writeAddress6 } from './address6.ts';
import { sumOfWords } from './checksum.ts';
import { decodeChain, encodeChain, chainLength, firstOf } from './extensions.ts';
import { read16, read8, readHex, sizeOf, write16, write8, writeHex } from './octets.ts';
import { decodeTransport, encodeTransport, transportLength } from './transport.ts';

const VERSION = 6;
const HEADER = 40;

const CLASS_AND_LABEL = 0;
const PAYLOAD_LENGTH = 4;
const NEXT_HEADER = 6;
const HOP_LIMIT = 7;
const SOURCE = 8;
const DESTINATION = 24;

const LABEL_MAX = 0xfffff;

/** Any bytes whose first four bits are 6. */
export const decodeIpv6 = (bytes: Uint8Array): Packet => {
  if (bytes.length < HEADER) return { kind: 'raw', bytes: readHex(bytes, 0, bytes.length), why: 'short' };
  const length = read16(bytes, PAYLOAD_LENGTH);
  const lengthIsRight = HEADER + length <= bytes.length;
  const end = lengthIsRight ? HEADER + length : bytes.length;
  const first = read8(bytes, NEXT_HEADER);
  const chain = lengthIsRight ? decodeChain(bytes, HEADER, end, first) : ({ extensions: [], protocol: first, start: HEADER, why: 'length' } as const);
  return {
    kind: 'ipv6',
    source: readAddress6(bytes, SOURCE),
    destination: readAddress6(bytes, DESTINATION),
    trafficClass: (read16(bytes, CLASS_AND_LABEL) >>> 4) & 0xff,
    flowLabel: ((read8(bytes, CLASS_AND_LABEL + 1) & 0xf) << 16) | read16(bytes, CLASS_AND_LABEL + 2),
    hopLimit: read8(bytes, HOP_LIMIT),
    extensions: chain.extensions,
    protocol: chain.protocol,
    length: lengthIsRight ? 'right' : { claimed: length },
    payload: decodePayload(bytes, chain.start, end, chain.protocol, chain.why),
    trailer: readHex(bytes, end, bytes.length),
  };
};

const decodePayload = (bytes: Uint8Array, start: number, end: number, protocol: number, why: Opaque['why'] | undefined): Transport | Opaque =>
  why === undefined
    ? decodeTransport(bytes, start, end, protocol, sumOfWords(bytes, SOURCE, HEADER), VERSION)
    : { kind: 'opaque', bytes: readHex(bytes, start, end), why };

/** Throws a RangeError where a field cannot be expressed. */
export const encodeIpv6 = (packet: Ipv6): Uint8Array => {
  const { payload, extensions, protocol } = packet;
  const start = HEADER + chainLength(extensions);
  const end = start + transportLength(payload);
  const bytes = Buffer.alloc(end + sizeOf(packet.trailer, 'IPv6 trailer'));
  writeHeader(bytes, packet, packet.length === 'right' ? end - HEADER : packet.length.claimed);
  encodeChain(bytes, HEADER, extensions, protocol);
  encodeTransport(bytes, start, payload, protocol, sumOfWords(bytes, SOURCE, HEADER), VERSION);
  writeHex(bytes, end, packet.trailer, 'IPv6 trailer');
  return bytes;
};

const writeHeader = (bytes: Uint8Array, packet: Ipv6, length: number): void => {
  const { flowLabel } = packet;
  if (!Number.isInteger(flowLabel) || flowLabel < 0 || flowLabel > LABEL_MAX) {
    throw new RangeError(`Packet: IPv6 flow label is ${flowLabel}; give a whole number from 0 to ${LABEL_MAX}.`);
  }
  write8(bytes, CLASS_AND_LABEL, packet.trafficClass, 'IPv6 traffic class');
  write16(bytes, CLASS_AND_LABEL, (VERSION << 12) | (packet.trafficClass << 4) | (flowLabel >>> 16), 'IPv6 traffic class');
  write16(bytes, CLASS_AND_LABEL + 2, flowLabel & 0xffff, 'IPv6 flow label');
  write16(bytes, PAYLOAD_LENGTH, length, 'IPv6 payload length');
  write8(bytes, NEXT_HEADER, firstOf(packet.extensions, packet.protocol), 'IPv6 next header');
  write8(bytes, HOP_LIMIT, packet.hopLimit, 'IPv6 hop limit');
  writeAddress6(bytes, SOURCE, packet.source);
  writeAddress6(bytes, DESTINATION, packet.destination);
};
