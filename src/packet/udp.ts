/**
 * UDP in bytes: a header of eight, and a payload.
 *
 * Source: RFC 768.
 */
import type { Opaque } from '../../spec/trace/packet.ts';
import type { Udp } from '../../spec/trace/transport.ts';
import { rightChecksum } from './checksum.ts';
import { read16, readHex, sizeOf, write16, writeHex } from './octets.ts';

const UDP_HEADER = 8;

const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
const LENGTH = 4;
const CHECKSUM = 6;

/** The value that stands for no checksum; a checksum that comes out as this is sent as its other zero. */
const NONE = 0;
const OTHER_ZERO = 0xffff;

/** `start` to `end` is what IP gives to UDP; `pseudo` is the sum of the pseudo header's words. Or why it is no datagram. */
export const decodeUdp = (bytes: Uint8Array, start: number, end: number, pseudo: number): Udp | Opaque['why'] => {
  if (end - start < UDP_HEADER) return 'short';
  const length = read16(bytes, start + LENGTH);
  const checksum = read16(bytes, start + CHECKSUM);
  return {
    kind: 'udp',
    sourcePort: read16(bytes, start + SOURCE_PORT),
    destinationPort: read16(bytes, start + DESTINATION_PORT),
    length: length === end - start ? 'right' : { claimed: length },
    checksum: checksum === NONE ? 'none' : checksum === neverZero(bytes, start, end, pseudo) ? 'right' : { wrong: checksum },
    payload: readHex(bytes, start + UDP_HEADER, end),
  };
};

/** The number of bytes that `encodeUdp` writes. */
export const udpLength = (udp: Udp): number => UDP_HEADER + sizeOf(udp.payload, 'UDP payload');

/** Writes `udp` at `start`. */
export const encodeUdp = (bytes: Uint8Array, start: number, udp: Udp, pseudo: number): void => {
  const end = start + udpLength(udp);
  write16(bytes, start + SOURCE_PORT, udp.sourcePort, 'UDP source port');
  write16(bytes, start + DESTINATION_PORT, udp.destinationPort, 'UDP destination port');
  write16(bytes, start + LENGTH, udp.length === 'right' ? end - start : udp.length.claimed, 'UDP length');
  writeHex(bytes, start + UDP_HEADER, udp.payload, 'UDP payload');
  write16(bytes, start + CHECKSUM, checksumField(bytes, start, end, udp.checksum, pseudo), 'UDP checksum');
};

const checksumField = (bytes: Uint8Array, start: number, end: number, checksum: Udp['checksum'], pseudo: number): number => {
  if (checksum === 'none') return NONE;
  return checksum === 'right' ? neverZero(bytes, start, end, pseudo) : checksum.wrong;
};

const neverZero = (bytes: Uint8Array, start: number, end: number, pseudo: number): number =>
  rightChecksum(bytes, start, end, CHECKSUM, pseudo) || OTHER_ZERO;
