/** Reads classic pcap, in both byte orders and both resolutions. */
import { MAX_BLOCK_BYTES } from './capture.ts';
import type { Capture, Cut, ReadInterface, ReadPacket } from './capture.ts';
import { CaptureError } from './capture-error.ts';
import { fieldsOf } from './fields.ts';
import type { Fields } from './fields.ts';
import * as format from './pcap-format.ts';

/** The link type stands in the low half of its word; the top four bits count 16-bit words of frame check sequence. */
const LINK_TYPE = 0xffff;
const FCS_LENGTH_IS_KNOWN = 0x04000000;

/** `littleEndian` and `nanoseconds` are what the magic number said. */
export const readPcap = (bytes: Uint8Array, littleEndian: boolean, nanoseconds: boolean): Capture => {
  const nothing = { format: 'pcap', sections: [], interfaces: [], packets: [], skippedBlocks: 0 } as const;
  if (bytes.length < format.FILE_HEADER) return { ...nothing, cut: { offset: 0, what: 'the file header' } };
  const fields = fieldsOf(bytes, littleEndian);
  const interfaces = [readHeader(fields)];
  const packets: ReadPacket[] = [];
  let offset = format.FILE_HEADER;
  while (offset < bytes.length) {
    const cut: Cut = { offset, what: `packet ${packets.length}` };
    if (bytes.length - offset < format.PACKET_HEADER) return { ...nothing, interfaces, packets, cut };
    const captured = fields.u32(offset + 8);
    if (captured > MAX_BLOCK_BYTES) throw new CaptureError(offset, `a packet claims ${captured} bytes, more than ${MAX_BLOCK_BYTES}`);
    const start = offset + format.PACKET_HEADER;
    if (bytes.length - start < captured) return { ...nothing, interfaces, packets, cut };
    packets.push({
      interface: 0,
      timestampNs: BigInt(fields.u32(offset)) * 1_000_000_000n + BigInt(fields.u32(offset + 4)) * (nanoseconds ? 1n : 1000n),
      bytes: bytes.subarray(start, start + captured),
      originalLength: fields.u32(offset + 12),
      comments: [],
    });
    offset = start + captured;
  }
  return { ...nothing, interfaces, packets };
};

const readHeader = (fields: Fields): ReadInterface => {
  const [major, minor] = [fields.u16(4), fields.u16(6)];
  if (major !== format.MAJOR_VERSION || minor !== format.MINOR_VERSION) {
    throw new CaptureError(4, `the pcap version is ${major}.${minor}, and only 2.4 is read`);
  }
  const link = fields.u32(20);
  return {
    linkType: link & LINK_TYPE,
    snapLength: fields.u32(16),
    fcsLength: (link & FCS_LENGTH_IS_KNOWN) === 0 ? undefined : (link >>> 28) * 2,
    comments: [],
  };
};
