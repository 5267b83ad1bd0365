/**
 * Frames: a packet goes in with the program for it in its Ethernet header, and comes out with the verdict there.
 *
 *     in    02 op exit rule zone zone    02 00 number number number number    type    packet
 *     out   02 zone zone mark mark state    02 exit number number number number    type    packet
 *
 * So no flow is changed between packets, and all that is reported is what the switch wrote itself. A number names the packet
 * within its session; the mark is that of the packet's connection: the number of the packet that made it.
 */

/** The port that frames leave by, and the port that they seem to come from. */
export const OUTPUT_PORT = 3;
export const INPUT_PORT = 1;

/** What a packet asks tracking for. */
export const OPERATIONS = { 'no zone': 0, zone: 1, translated: 2, limited: 3 } as const;
export type Operation = (typeof OPERATIONS)[keyof typeof OPERATIONS];

const ETHERNET = 14;
const [IPV4, IPV6, LOCAL_EXPERIMENTAL] = [0x0800, 0x86dd, 0x88b5];
/** A locally administered address. */
const LOCAL = 2;

/** The longest Ethernet header that frames have here. */
export const HEADER_BYTES = ETHERNET;

export type Program = {
  readonly operation: Operation;
  /** 0..65535. */
  readonly zone: number;
  /** By which rule a new connection is translated or helped, 1..255; 0: by none. */
  readonly rule: number;
  /** The index of the device that the packet leaves by, 0..255. */
  readonly exit: number;
  /** 1..65535. */
  readonly number: number;
};

export const frameOf = ({ operation, zone, rule, exit, number }: Program, packet: Uint8Array): Uint8Array => {
  const frame = Buffer.allocUnsafe(ETHERNET + packet.length).fill(0, 0, ETHERNET);
  frame[0] = LOCAL;
  frame[1] = operation;
  frame[2] = exit;
  frame[3] = rule;
  frame.writeUInt16BE(zone, 4);
  frame[6] = LOCAL;
  frame.writeUInt32BE(number, 8);
  frame.writeUInt16BE((packet[0] ?? 0) >> 4 === 6 ? IPV6 : IPV4, 12);
  frame.set(packet, ETHERNET);
  return frame;
};

/** A frame that no flow sees, to tell what left before it from what left after it. */
export const markerOf = (number: number): Uint8Array => {
  const frame = Buffer.alloc(ETHERNET);
  frame[0] = LOCAL;
  frame[6] = LOCAL;
  frame.writeUInt32BE(number, 8);
  frame.writeUInt16BE(LOCAL_EXPERIMENTAL, 12);
  return frame;
};

/** The bits of ct_state. Source: include/openvswitch/packets.h. */
export const CT = { new: 1, established: 2, related: 4, reply: 8, invalid: 16, tracked: 32 } as const;

export type Verdict = {
  readonly zone: number;
  readonly mark: number;
  readonly state: number;
  readonly exit: number;
  readonly number: number;
  readonly packet: Uint8Array;
};

export type Leaving = { readonly kind: 'marker'; readonly number: number } | ({ readonly kind: 'packet' } & Verdict);

/** Reads a frame that left. The packet is a view of it. */
export const readFrame = (frame: Buffer): Leaving => {
  const number = frame.readUInt32BE(8);
  if (frame.readUInt16BE(12) === LOCAL_EXPERIMENTAL) return { kind: 'marker', number };
  return {
    kind: 'packet',
    zone: frame.readUInt16BE(1),
    mark: frame.readUInt16BE(3),
    state: frame[5] ?? 0,
    exit: frame[7] ?? 0,
    number,
    packet: frame.subarray(ETHERNET),
  };
};
