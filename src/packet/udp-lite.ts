/**
 * UDP-Lite in bytes: a header of eight, and a payload of which the checksum may cover a part.
 *
 * Source: RFC 3828.
 */
import type { Opaque } from '../../spec/trace/packet.ts';
import { UDP, UDP_LITE, type UdpLite } from '../../spec/trace/transport.ts';
import { rightChecksum } from './checksum.ts';
import { read16, readHex, sizeOf, write16, writeHex } from './octets.ts';

const HEADER = 8;

const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
const COVERAGE = 4;
const CHECKSUM = 6;

/** `start` to `end` is what IP gives to UDP-Lite; `pseudo` is the sum of the pseudo header's words. Or why it is no datagram. */
export const decodeUdpLite = (bytes: Uint8Array, start: number, end: number, pseudo: number, version: 4 | 6): UdpLite | Opaque['why'] => {
  if (end - start < HEADER) return 'short';
  return {
    kind: 'udp-lite',
    sourcePort: read16(bytes, start + SOURCE_PORT),
    destinationPort: read16(bytes, start + DESTINATION_PORT),
    coverage: read16(bytes, start + COVERAGE),
    checksum: nameOf(bytes, start, end, pseudo, version),
    payload: readHex(bytes, start + HEADER, end),
  };
};

const nameOf = (bytes: Uint8Array, start: number, end: number, pseudo: number, version: 4 | 6): UdpLite['checksum'] => {
  const checksum = read16(bytes, start + CHECKSUM);
  if (checksum === 0) return 'none';
  if (checksum === rightFor(bytes, start, end, pseudo)) return 'right';
  return checksum === rightFor(bytes, start, end, asLinux(pseudo, end - start, version)) ? 'as Linux' : { wrong: checksum };
};

/** The sum of the pseudo header as Linux has it: UDP's number, and in IPv4 the low eight bits of the length. */
const asLinux = (pseudo: number, length: number, version: 4 | 6): number => pseudo - UDP_LITE + UDP - (version === 4 ? length - (length & 0xff) : 0);

/** What is right over the bytes that the coverage names, or over all if it names none. Never 0, which would say "none". */
const rightFor = (bytes: Uint8Array, start: number, end: number, pseudo: number): number => {
  const coverage = read16(bytes, start + COVERAGE);
  const stop = coverage >= HEADER && start + coverage <= end ? start + coverage : end;
  return rightChecksum(bytes, start, stop, CHECKSUM, pseudo) || 0xffff;
};

/** The number of bytes that `encodeUdpLite` writes. */
export const udpLiteLength = ({ payload }: UdpLite): number => HEADER + sizeOf(payload, 'UDP-Lite payload');

/** Writes `datagram` at `start`. */
export const encodeUdpLite = (bytes: Uint8Array, start: number, datagram: UdpLite, pseudo: number, version: 4 | 6): void => {
  const end = start + udpLiteLength(datagram);
  write16(bytes, start + SOURCE_PORT, datagram.sourcePort, 'UDP-Lite source port');
  write16(bytes, start + DESTINATION_PORT, datagram.destinationPort, 'UDP-Lite destination port');
  write16(bytes, start + COVERAGE, datagram.coverage, 'UDP-Lite checksum coverage');
  writeHex(bytes, start + HEADER, datagram.payload, 'UDP-Lite payload');
  write16(bytes, start + CHECKSUM, fieldOf(bytes, start, end, datagram.checksum, pseudo, version), 'UDP-Lite checksum');
};

const fieldOf = (bytes: Uint8Array, start: number, end: number, checksum: UdpLite['checksum'], pseudo: number, version: 4 | 6): number => {
  if (checksum === 'none') return 0;
  if (typeof checksum === 'object') return checksum.wrong;
  return rightFor(bytes, start, end, checksum === 'right' ? pseudo : asLinux(pseudo, end - start, version));
};
