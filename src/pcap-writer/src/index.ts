/** pcap and pcapng, written and read: what people capture and what golden files are. */
export { INBOUND, LINKTYPE_RAW, MAX_BLOCK_BYTES, OUTBOUND } from './capture.ts';
export type { Capture, Cut, Interface, Packet, ReadInterface, ReadPacket, ReadSection, Section } from './capture.ts';
export { CaptureError } from './capture-error.ts';
export { readCapture } from './read-capture.ts';
export { splitText } from './split-text.ts';
export { writePcap } from './write-pcap.ts';
export type { PcapFile } from './write-pcap.ts';
export { writePcapng } from './write-pcapng.ts';
export type { PcapngFile } from './write-pcapng.ts';
