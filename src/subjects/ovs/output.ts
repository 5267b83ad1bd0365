/**
 * Output: the frames that left, read from the pcap file that the port writes.
 *
 * The file would grow without end, so it is cut to nothing now and then: the writer goes on behind the hole.
 *
 * Source: netdev-dummy's tx_pcap, which writes each frame at once; lib/pcap-file.c.
 */
import { closeSync, openSync, readSync, truncateSync } from 'node:fs';
import { type Leaving, readFrame } from './frames.ts';

const [FILE_HEADER, RECORD_HEADER] = [24, 16];
/** In a record's header. */
const CAPTURED = 8;
const CHUNK = 1 << 18;
const MOST_BYTES = 64 << 20;

export type Output = {
  /** All that has left since the last call. */
  readonly read: () => readonly Leaving[];
  readonly close: () => void;
};

export const openOutput = (file: string): Output => {
  const descriptor = openSync(file, 'r');
  const chunk = Buffer.allocUnsafe(CHUNK);
  let at = FILE_HEADER;
  let cutAt = 0;
  const bytes = (): Buffer => {
    const parts: Buffer[] = [];
    for (let size = readSync(descriptor, chunk, 0, CHUNK, at); size > 0; size = readSync(descriptor, chunk, 0, CHUNK, at)) {
      parts.push(Buffer.from(chunk.subarray(0, size)));
      at += size;
    }
    return Buffer.concat(parts);
  };
  return {
    read: () => {
      const left: Leaving[] = [];
      const all = bytes();
      for (let start = 0; start < all.length; ) {
        const end = start + RECORD_HEADER + all.readUInt32LE(start + CAPTURED);
        if (end > all.length) throw new Error('a frame that left is not all there');
        left.push(readFrame(all.subarray(start + RECORD_HEADER, end)));
        start = end;
      }
      if (at - cutAt > MOST_BYTES) {
        truncateSync(file, 0);
        cutAt = at;
      }
      return left;
    },
    close: () => closeSync(descriptor),
  };
};
