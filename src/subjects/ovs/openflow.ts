/**
 * OpenFlow 1.3, as much of it as brings packets to a switch and says when they are done: packet-out and barrier.
 *
 * A packet-out is processed before the next message is read, so when the reply to a barrier is there, all that the packets
 * before it set off has happened.
 *
 * Source: OpenFlow Switch Specification 1.3.5, sections 7.3.7 and 7.3.8.
 */
import { connected } from './unixctl.ts';

const VERSION = 4;
const [HELLO, ERROR, ECHO_REQUEST, ECHO_REPLY, PACKET_OUT, BARRIER_REQUEST, BARRIER_REPLY] = [0, 1, 2, 3, 13, 20, 21];
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
  /** Sends what was added; resolves when all of it is done. Rejects if the switch goes away or refuses a message. */
  readonly flush: () => Promise<void>;
  readonly close: () => void;
};

export const openOpenFlow = async (file: string): Promise<OpenFlow> => {
  const socket = await connected(file);
  let received = Buffer.alloc(0);
  let messages: Uint8Array[] = [];
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
    add: (frame, to) => void messages.push(packetOut(frame.length, to === 'table' ? TABLE : to), frame),
    flush: () =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('ovs-vswitchd closed its OpenFlow connection'));
        waiting = { resolve, reject };
        socket.write(Buffer.concat([...messages, header(BARRIER_REQUEST, HEADER)]));
        messages = [];
        return undefined;
      }),
    close: () => socket.destroy(),
  };
};

const header = (type: number, length: number): Buffer => {
  const bytes = Buffer.alloc(HEADER);
  bytes[0] = VERSION;
  bytes[1] = type;
  bytes.writeUInt16BE(length, 2);
  return bytes;
};

/** All of a packet-out but the frame. */
const packetOut = (frameBytes: number, port: number): Buffer => {
  const bytes = Buffer.alloc(PACKET_OUT_BYTES);
  header(PACKET_OUT, PACKET_OUT_BYTES + frameBytes).copy(bytes);
  bytes.writeUInt32BE(NO_BUFFER, 8);
  bytes.writeUInt32BE(1, 12);
  bytes.writeUInt16BE(16, 16);
  bytes.writeUInt16BE(OUTPUT, 24);
  bytes.writeUInt16BE(16, 26);
  bytes.writeUInt32BE(port, 28);
  return bytes;
};
