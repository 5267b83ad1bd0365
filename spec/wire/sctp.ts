/**
 * SCTP between fields and bytes, and the chunks in it. Source: RFC 9260 section 3.
 */
import { type Bytes, bytesOf, lengthOf, numberAt, type Opaque, slice } from '../trace/packet.ts';
import type { Sctp } from '../trace/transport.ts';
import { crc32c } from './crc32c.ts';

/** The common header. */
const HEADER = 12;
const CHECKSUM = 8;
const CHUNK_HEADER = 4;
/** The fields that every INIT and INIT ACK has behind the chunk header, the initiate tag first. */
const INIT_FIELDS = 16;

/** A packet's bytes as SCTP, as far as they are. */
export const readSctp = (bytes: Bytes): Sctp | Opaque => {
  if (lengthOf(bytes) < HEADER) return { kind: 'opaque', bytes, why: 'short' };
  const checksum = numberAt(bytes, CHECKSUM, 4);
  return {
    kind: 'sctp',
    sourcePort: numberAt(bytes, 0, 2),
    destinationPort: numberAt(bytes, 2, 2),
    tag: numberAt(bytes, 4, 4),
    checksum: checksum === rightChecksum(bytes) ? 'right' : { wrong: checksum },
    payload: slice(bytes, HEADER),
  };
};

/** A packet as bytes. `readSctp` gives it back. */
export const writeSctp = ({ sourcePort, destinationPort, tag, checksum, payload }: Sctp): Bytes => {
  const write = (value: number): Bytes => bytesOf(sourcePort, 2) + bytesOf(destinationPort, 2) + bytesOf(tag, 4) + bytesOf(value, 4) + payload;
  return write(checksum === 'right' ? rightChecksum(write(0)) : checksum.wrong);
};

const rightChecksum = (bytes: Bytes): number => crc32c(`${slice(bytes, 0, CHECKSUM)}00000000${slice(bytes, HEADER)}`);

export type Chunk = {
  readonly type: number;
  readonly flags: number;
  /** As it says, chunk header included; not necessarily what is there. */
  readonly length: number;
  /** Where it begins in the payload, in bytes. */
  readonly at: number;
};

/** The chunks of a payload, each behind the last one's padding. One of length 0 ends them, and so does less than a chunk header. */
export const chunksOf = (payload: Bytes): readonly Chunk[] => {
  const chunks: Chunk[] = [];
  for (let at = 0; at + CHUNK_HEADER <= lengthOf(payload); ) {
    const length = numberAt(payload, at + 2, 2);
    chunks.push({ type: numberAt(payload, at, 1), flags: numberAt(payload, at + 1, 1), length, at });
    if (length === 0) break;
    at += Math.ceil(length / 4) * 4;
  }
  return chunks;
};

/** The tag that an INIT or INIT ACK asks for, if the payload has room for its fields, whatever its length says. */
export const initiateTag = (payload: Bytes, { at }: Chunk): number | undefined =>
  at + CHUNK_HEADER + INIT_FIELDS <= lengthOf(payload) ? numberAt(payload, at + CHUNK_HEADER, 4) : undefined;
