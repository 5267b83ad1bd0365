/** Reads a capture of either format, which its first four bytes tell. */
import type { Capture } from './capture.ts';
import { CaptureError } from './capture-error.ts';
import { fieldsOf } from './fields.ts';
import { MICROSECONDS_MAGIC, MODIFIED_MAGIC, NANOSECONDS_MAGIC } from './pcap-format.ts';
import { SECTION_HEADER } from './pcapng-format.ts';
import { readPcap } from './read-pcap.ts';
import { readPcapng } from './read-pcapng.ts';

/**
 * The packets are views of `bytes`, not copies. A file that ends too early is used up to there, and `cut` says where.
 * Throws a CaptureError, and nothing else, for bytes that are no capture.
 */
export const readCapture = (bytes: Uint8Array): Capture => {
  if (bytes.length < 4) throw new CaptureError(0, `are ${bytes.length} bytes, too few for a pcap or pcapng`);
  for (const littleEndian of [true, false]) {
    switch (fieldsOf(bytes, littleEndian).u32(0)) {
      case SECTION_HEADER:
        return readPcapng(bytes);
      case MICROSECONDS_MAGIC:
        return readPcap(bytes, littleEndian, false);
      case NANOSECONDS_MAGIC:
        return readPcap(bytes, littleEndian, true);
      case MODIFIED_MAGIC:
        throw new CaptureError(0, 'is the magic number of the modified pcap format; convert it to pcap or pcapng');
      default:
    }
  }
  throw new CaptureError(0, 'is no magic number of pcap or pcapng');
};
