/** Writes classic pcap: one link type, little endian, no names and no comments. */
import type { Interface, Packet } from './capture.ts';
import { checkInterface, checkPacket } from './checks.ts';
import * as format from './pcap-format.ts';

export type PcapFile = Pick<Interface, 'linkType' | 'snapLength'> & {
  /** Microseconds are understood by the oldest readers, and round times down. */
  readonly resolution: 'nanoseconds' | 'microseconds';
  readonly packets: readonly Pick<Packet, 'timestampNs' | 'bytes' | 'originalLength'>[];
};

const NS_PER_SECOND = 1_000_000_000n;

/** Throws a RangeError with one sentence for what does not fit the format: seconds have 32 bits. */
export const writePcap = ({ linkType, snapLength, resolution, packets }: PcapFile): Uint8Array => {
  checkInterface({ linkType, snapLength }, 0);
  const nanoseconds = resolution === 'nanoseconds';
  const header = words(
    nanoseconds ? format.NANOSECONDS_MAGIC : format.MICROSECONDS_MAGIC,
    format.MAJOR_VERSION | (format.MINOR_VERSION << 16),
    0,
    0,
    snapLength,
    linkType,
  );
  const unitNs = nanoseconds ? 1n : 1000n;
  const records = packets.flatMap((packet, index) => {
    const { timestampNs, bytes, originalLength = bytes.length } = packet;
    checkPacket({ ...packet, interface: 0 }, index, 1, NS_PER_SECOND << 32n);
    const seconds = Number(timestampNs / NS_PER_SECOND);
    return [words(seconds, Number((timestampNs % NS_PER_SECOND) / unitNs), bytes.length, originalLength), bytes];
  });
  return Buffer.concat([header, ...records]);
};

/** 32-bit words, little endian. */
const words = (...values: readonly number[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value, true);
  return new Uint8Array(view.buffer);
};
