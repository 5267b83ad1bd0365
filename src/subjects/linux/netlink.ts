/**
 * Netlink: messages written and read in place, by offset, and the sockets that carry them.
 *
 * Numbers in headers are in the machine's order, which is little endian here; netfilter's attribute values are big
 * endian unless their user says otherwise. Source: include/uapi/linux/netlink.h, include/uapi/linux/netfilter/nfnetlink.h.
 */
import { intOption, lengthenQueue, must, SOCK_CLOEXEC, SOCK_NONBLOCK, SystemError, type Libc } from './libc.ts';

// include/linux/socket.h, include/uapi/linux/netlink.h
const AF_NETLINK = 16;
const SOCK_RAW = 3;
export const NETLINK_ROUTE = 0;
const NETLINK_NETFILTER = 12;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NLM_F_REQUEST = 1;
export const NLM_F_ACK = 4;
/** Of a get: everything. */
export const NLM_F_DUMP = 0x300;
/** Of a new: not if it is there. */
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
/** Of a new: behind all others. */
export const NLM_F_APPEND = 0x800;
export const NLMSG_ERROR = 2;
const NLA_F_NESTED = 0x8000;
const NLA_TYPE_MASK = 0x3fff;
/** struct nlmsghdr and struct nfgenmsg. */
const HEADER_BYTES = 20;
const NLMSG_HEADER_BYTES = 16;
const ATTRIBUTE_HEADER_BYTES = 4;

/** More than any message that arrives: the kernel builds them in a page, or in 8 KiB where it batches. */
const RECEIVE_BYTES = 16_384;
/** Room for what one write sets off: a thousand events of a kilobyte each, many times over. */
const RECEIVE_QUEUE_BYTES = 8 * 1024 * 1024;

const aligned = (length: number): number => (length + 3) & ~3;

/** Writes netlink messages one behind the other. */
export class MessageWriter {
  #buffer = Buffer.alloc(4096);
  #length = 0;
  #start = 0;
  #sequence = 0;

  get bytes(): Buffer {
    return this.#buffer;
  }

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  /** Begins a netfilter message; `type` is subsystem << 8 | command. Returns its sequence number. */
  begin(type: number, flags: number, family: number, resource = 0): number {
    return this.beginWith(type, flags, Uint8Array.of(family, 0, resource >> 8, resource & 0xff));
  }

  /** Begins a message of another kind, whose own header is given. */
  beginWith(type: number, flags: number, header: Uint8Array): number {
    this.#room(NLMSG_HEADER_BYTES + header.length);
    this.#start = this.#length;
    this.#sequence += 1;
    this.#buffer.fill(0, this.#start, this.#start + NLMSG_HEADER_BYTES);
    this.#buffer.writeUInt16LE(type, this.#start + 4);
    this.#buffer.writeUInt16LE(flags | NLM_F_REQUEST, this.#start + 6);
    this.#buffer.writeUInt32LE(this.#sequence, this.#start + 8);
    this.#buffer.set(header, this.#start + NLMSG_HEADER_BYTES);
    this.#length += NLMSG_HEADER_BYTES + header.length;
    return this.#sequence;
  }

  /** Ends the message that was begun last. */
  end(): void {
    this.#buffer.writeUInt32LE(this.#length - this.#start, this.#start);
  }

  attribute(type: number, value: Uint8Array): void {
    const length = ATTRIBUTE_HEADER_BYTES + value.length;
    this.#room(aligned(length));
    this.#buffer.fill(0, this.#length, this.#length + aligned(length));
    this.#buffer.writeUInt16LE(length, this.#length);
    this.#buffer.writeUInt16LE(type, this.#length + 2);
    this.#buffer.set(value, this.#length + ATTRIBUTE_HEADER_BYTES);
    this.#length += aligned(length);
  }

  /** An attribute whose value is the four bytes of a big-endian number. */
  number(type: number, value: number): void {
    this.#room(8);
    this.#buffer.writeUInt16LE(8, this.#length);
    this.#buffer.writeUInt16LE(type, this.#length + 2);
    this.#buffer.writeUInt32BE(value, this.#length + ATTRIBUTE_HEADER_BYTES);
    this.#length += 8;
  }

  /** An attribute that holds what `inside` writes. */
  nested(type: number, inside: () => void): void {
    this.#room(ATTRIBUTE_HEADER_BYTES);
    const start = this.#length;
    this.#buffer.writeUInt16LE(type | NLA_F_NESTED, start + 2);
    this.#length += ATTRIBUTE_HEADER_BYTES;
    inside();
    this.#buffer.writeUInt16LE(this.#length - start, start);
  }

  /** Attributes that are encoded already. */
  encoded(attributes: Uint8Array): void {
    this.#room(attributes.length);
    this.#buffer.set(attributes, this.#length);
    this.#length += attributes.length;
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.alloc(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** What `receive` calls for every message: its type, and where its attributes start and end in `socket.buffer`. */
export type Visit = (type: number, start: number, end: number, sequence: number) => void;

export type NetlinkSocket = {
  readonly fd: number;
  /** What was received last. */
  readonly buffer: Buffer;
  readonly send: (message: MessageWriter) => void;
  /**
   * Visits all messages that have arrived and returns how many; never waits. An acknowledgement (NLMSG_ERROR) is
   * visited with its errno at `start`. Throws if the kernel had to drop messages.
   */
  readonly receive: (visit: Visit) => number;
  /** Sends one message that asks for an acknowledgement and throws unless that says yes. `what` names it for a person. */
  readonly command: (message: MessageWriter, what: string) => void;
};

/** A netlink socket, of netfilter unless said, for its user to close, in the thread's network namespace, member of multicast `groups`. */
export const openNetlink = (libc: Libc, groups: readonly number[] = [], protocol = NETLINK_NETFILTER): NetlinkSocket => {
  const fd = must(libc, libc.socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol), 'netlink socket');
  const buffer = Buffer.alloc(RECEIVE_BYTES);
  const address = Buffer.alloc(12);
  address.writeUInt16LE(AF_NETLINK);
  must(libc, libc.bind(fd, address, address.length), 'netlink bind');
  lengthenQueue(libc, fd, RECEIVE_QUEUE_BYTES);
  for (const group of groups) {
    must(libc, libc.setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, intOption(group), 4), `netlink group ${group}`);
  }

  const send = (message: MessageWriter): void => {
    must(libc, libc.send(fd, message.bytes, message.length, 0), 'netlink send');
    message.clear();
  };

  const receive = (visit: Visit): number => {
    let count = 0;
    for (;;) {
      const length = libc.recv(fd, buffer, RECEIVE_BYTES, 0);
      if (length >= 0) {
        count += visitMessages(buffer, length, visit);
        continue;
      }
      const code = libc.errorName();
      if (code === 'EAGAIN') return count;
      throw new SystemError('netlink receive', code);
    }
  };

  return {
    fd,
    buffer,
    send,
    receive,
    command: (message, what) => {
      send(message);
      let answer: number | undefined;
      receive((type, start) => {
        if (type === NLMSG_ERROR && !answer) answer = -buffer.readInt32LE(start);
      });
      if (answer !== 0) throw new SystemError(what, answer === undefined ? 'no answer' : `errno ${answer}`);
    },
  };
};

const visitMessages = (buffer: Buffer, length: number, visit: Visit): number => {
  let count = 0;
  for (let at = 0; at + NLMSG_HEADER_BYTES <= length; count += 1) {
    const size = buffer.readUInt32LE(at);
    const type = buffer.readUInt16LE(at + 4);
    visit(type, at + (type === NLMSG_ERROR ? NLMSG_HEADER_BYTES : HEADER_BYTES), at + size, buffer.readUInt32LE(at + 8));
    at += aligned(size);
  }
  return count;
};

/** Where the value of the first attribute of a type starts, or -1. */
export const findAttribute = (buffer: Buffer, start: number, end: number, wanted: number): number => {
  for (let at = start; at + ATTRIBUTE_HEADER_BYTES <= end; ) {
    const length = buffer.readUInt16LE(at);
    if (length < ATTRIBUTE_HEADER_BYTES) return -1;
    if ((buffer.readUInt16LE(at + 2) & NLA_TYPE_MASK) === wanted) return at + ATTRIBUTE_HEADER_BYTES;
    at += aligned(length);
  }
  return -1;
};

/** Where the attribute whose value starts at `value` ends. */
export const attributeEnd = (buffer: Buffer, value: number): number => value - ATTRIBUTE_HEADER_BYTES + buffer.readUInt16LE(value - ATTRIBUTE_HEADER_BYTES);

/** The whole attribute, header and padding included, whose value starts at `value`: a view. */
export const wholeAttribute = (buffer: Buffer, value: number): Buffer => {
  const start = value - ATTRIBUTE_HEADER_BYTES;
  return buffer.subarray(start, start + aligned(buffer.readUInt16LE(start)));
};
