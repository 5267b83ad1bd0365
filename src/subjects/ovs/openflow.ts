/**
 * OpenFlow 1.3, as much of it as brings packets to a switch and says when they are done: packet-out and barrier; and what
 * ends all connections, which Open vSwitch knows since 3.1.
 *
 * A message is processed before the next one is read, so when the reply to a barrier is there, all that the packets before
 * it set off has happened.
 *
 * Source: OpenFlow Switch Specification 1.3.5, sections 7.3.7 and 7.3.8; NXT_CT_FLUSH in openflow/nicira-ext.h.
 */
import { connected } from './unixctl.ts';

const VERSION = 4;
const [HELLO, ERROR, ECHO_REQUEST, ECHO_REPLY, EXPERIMENTER, PACKET_OUT, BARRIER_REQUEST, BARRIER_REPLY] = [0, 1, 2, 3, 4, 13, 20, 21];
const [NICIRA, CT_FLUSH] = [0x2320, 32];
const HEADER = 8;
const NO_BUFFER = 0xffffffff;
const OUTPUT = 0;
const TABLE = 0xfffffff9;
/** Header, buffer, port, length of actions; the one action. */
const PACKET_OUT_BYTES = 24 + 16;
const MOST_MESSAGE = 65_535;

/** The longest frame that a packet-out can carry. */
export const MOST_FRAME = MOST_MESSAGE - PACKET_OUT_BYTES;

export type OpenFlow = {
  /** Adds a frame to what is sent next: to the flow tables as if it had come by port 1, or straight to a port. */
  readonly add: (frame: Uint8Array, to: number | 'table') => void;
  /** Adds that all connections end. */
  readonly addEnd: () => void;
  /** Sends what was added; resolves when all of it is done. Rejects if the switch goes away or refuses a message. */
  readonly flush: () => Promise<void>;
  readonly close: () => void;
};

export const openOpenFlow = async (file: string): Promise<OpenFlow> => {
  const socket = await connected(file);
  let received = Buffer.alloc(0);
  // What is to be sent, in a buffer that is used again once a barrier said that all of it was read.
  let outgoing = Buffer.alloc(1 << 16);
  let filled = 0;
  const room = (bytes: number): Buffer => {
    if (filled + bytes > outgoing.length) outgoing = Buffer.concat([outgoing], Math.max(2 * outgoing.length, filled + bytes));
    const part = outgoing.subarray(filled, filled + bytes);
    filled += bytes;
    return part;
  };
  let waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  const settle = (error?: Error): void => {
    const settled = waiting;
    waiting = undefined;
    if (error) settled?.reject(error);
    else settled?.resolve();
  };
  const gone = (): void => settle(new Error('ovs-vswitchd closed its OpenFlow connection'));
  socket.on('error', gone);
  socket.on('close', gone);
  socket.on('data', (more) => {
    received = received.length === 0 ? more : Buffer.concat([received, more]);
    while (received.length >= HEADER) {
      const length = received.readUInt16BE(2);
      if (received.length < length) return;
      const type = received[1];
      if (type === BARRIER_REPLY) settle();
      else if (type === ERROR) settle(new Error(`the switch refused a message: OpenFlow error ${received.readUInt16BE(8)}, code ${received.readUInt16BE(10)}`));
      else if (type === ECHO_REQUEST) socket.write(Buffer.concat([header(ECHO_REPLY, length), received.subarray(HEADER, length)]));
      received = received.subarray(length);
    }
  });
  socket.write(header(HELLO, HEADER));
  return {
    add: (frame, to) => {
      writePacketOut(room(PACKET_OUT_BYTES), frame.length, to === 'table' ? TABLE : to);
      room(frame.length).set(frame);
    },
    addEnd: () => room(endOfConnections.length).set(endOfConnections),
    flush: () =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('ovs-vswitchd closed its OpenFlow connection'));
        waiting = { resolve, reject };
        writeHeader(room(HEADER), BARRIER_REQUEST, HEADER);
        socket.write(outgoing.subarray(0, filled));
        filled = 0;
        return undefined;
      }),
    close: () => socket.destroy(),
  };
};

const writeHeader = (bytes: Buffer, type: number, length: number): void => {
  bytes[0] = VERSION;
  bytes[1] = type;
  bytes.writeUInt16BE(length, 2);
  bytes.writeUInt32BE(0, 4);
};

const header = (type: number, length: number): Buffer => {
  const bytes = Buffer.alloc(HEADER);
  writeHeader(bytes, type, length);
  return bytes;
};

/** Without any field to match, it is about all connections. */
const endOfConnections = (() => {
  const bytes = Buffer.alloc(HEADER + 16);
  header(EXPERIMENTER, bytes.length).copy(bytes);
  bytes.writeUInt32BE(NICIRA, 8);
  bytes.writeUInt32BE(CT_FLUSH, 12);
  return bytes;
})();

/** All of a packet-out but the frame. */
const writePacketOut = (bytes: Buffer, frameBytes: number, port: number): void => {
  bytes.fill(0);
  writeHeader(bytes, PACKET_OUT, PACKET_OUT_BYTES + frameBytes);
  bytes.writeUInt32BE(NO_BUFFER, 8);
  bytes.writeUInt32BE(1, 12);
  bytes.writeUInt16BE(16, 16);
  bytes.writeUInt16BE(OUTPUT, 24);
  bytes.writeUInt16BE(16, 26);
  bytes.writeUInt32BE(port, 28);
};
