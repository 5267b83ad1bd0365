/**
 * SCTP in bytes: a common header of twelve, and chunks, which stay bytes.
 *
 * Source: RFC 9260 section 3.
 */
import type { Opaque } from '../../spec/trace/packet.ts';
import type { Sctp } from '../../spec/trace/transport.ts';
import { crc32c } from './crc32c.ts';
import { read16, read32, readHex, sizeOf, write16, write32, writeHex } from './octets.ts';

const HEADER = 12;

const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
const TAG = 4;
const CHECKSUM = 8;

/** `start` to `end` is what IP gives to SCTP. Or why it is no packet. */
export const decodeSctp = (bytes: Uint8Array, start: number, end: number): Sctp | Opaque['why'] => {
  if (end - start < HEADER) return 'short';
  const checksum = read32(bytes, start + CHECKSUM);
  return {
    kind: 'sctp',
    sourcePort: read16(bytes, start + SOURCE_PORT),
    destinationPort: read16(bytes, start + DESTINATION_PORT),
    tag: read32(bytes, start + TAG),
    checksum: checksum === crc32c(bytes, start, end, CHECKSUM) ? 'right' : { wrong: checksum },
    payload: readHex(bytes, start + HEADER, end),
  };
};

/** The number of bytes that `encodeSctp` writes. */
export const sctpLength = (sctp: Sctp): number => HEADER + sizeOf(sctp.payload, 'SCTP payload');

/** Writes `sctp` at `start`. */
export const encodeSctp = (bytes: Uint8Array, start: number, sctp: Sctp): void => {
  write16(bytes, start + SOURCE_PORT, sctp.sourcePort, 'SCTP source port');
  write16(bytes, start + DESTINATION_PORT, sctp.destinationPort, 'SCTP destination port');
  write32(bytes, start + TAG, sctp.tag, 'SCTP verification tag');
  writeHex(bytes, start + HEADER, sctp.payload, 'SCTP payload');
  const right = crc32c(bytes, start, start + sctpLength(sctp), CHECKSUM);
  write32(bytes, start + CHECKSUM, sctp.checksum === 'right' ? right : sctp.checksum.wrong, 'SCTP checksum');
};
