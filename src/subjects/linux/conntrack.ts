/**
 * The connections that a namespace holds: a mirror kept by the kernel's events, and the virtual clock that ages them.
 *
 * The kernel's timers run in real seconds. They are set so long that no real time matters, SECONDS_A_SECOND of them to a
 * virtual one, and read and set anew when virtual time passes: what is left is rounded up to a virtual second, which
 * undoes the little real time that went by. An entry whose time is up is deleted, because one whose timeout is set to 0
 * would vanish at a moment of the kernel's own choice.
 *
 * Source: net/netfilter/nf_conntrack_netlink.c.
 */
import type { Timeouts } from '../../../spec/trace/network.ts';
import { SCTP, TCP } from '../../../spec/trace/transport.ts';
import { attributeEnd, findAttribute, MessageWriter, NLM_F_ACK, NLMSG_ERROR, wholeAttribute, type NetlinkSocket } from './netlink.ts';
import { SystemError } from './libc.ts';
import { CTA_TUPLE_IP, CTA_TUPLE_PROTO, CTA_TUPLE_ZONE } from './tuples.ts';

// include/uapi/linux/netfilter/nfnetlink.h, nfnetlink_conntrack.h, nfnetlink_compat.h
const NFNL_SUBSYS_CTNETLINK = 1;
const IPCTNL_MSG_CT_NEW = 0;
const IPCTNL_MSG_CT_GET = 1;
const IPCTNL_MSG_CT_DELETE = 2;
export const CTA_TUPLE_ORIG = 1;
export const CTA_TUPLE_REPLY = 2;
export const CTA_TIMEOUT = 7;
const CTA_ID = 12;
export const CTA_ZONE = 18;
// include/uapi/linux/netfilter/nfnetlink_cttimeout.h
const NFNL_SUBSYS_CTNETLINK_TIMEOUT = 8;
const IPCTNL_MSG_TIMEOUT_DEFAULT_SET = 3;
const CTA_TIMEOUT_L3PROTO = 2;
const CTA_TIMEOUT_L4PROTO = 3;
const CTA_TIMEOUT_DATA = 4;
const CTA_TIMEOUT_TCP_SYN_SENT2 = 9;
const CTA_TIMEOUT_SCTP_CLOSED = 1;
const AF_INET = 2;
/** The multicast groups that carry births and deaths. */
export const NFNLGRP_CONNTRACK_NEW = 1;
export const NFNLGRP_CONNTRACK_DESTROY = 3;
const type = (command: number): number => (NFNL_SUBSYS_CTNETLINK << 8) | command;
export const CONNTRACK_NEW = type(IPCTNL_MSG_CT_NEW);
export const CONNTRACK_GET = type(IPCTNL_MSG_CT_GET);
export const CONNTRACK_DELETE = type(IPCTNL_MSG_CT_DELETE);
const FAMILY_AT = -4;

/** Real seconds of kernel timers to a virtual second. */
export const SECONDS_A_SECOND = 100;
/** The kernel counts timeouts in ticks of 31 bits, at most 1000 a second. What is set longer never ends in a trace. */
export const MOST_TIMEOUT_MS = Math.floor(2 ** 31 / 1000 / SECONDS_A_SECOND) * 1000;

/** What the kernel is told of a timeout of the network. */
export const kernelSeconds = (timeoutMs: number): number => (Math.min(timeoutMs, MOST_TIMEOUT_MS) / 1000) * SECONDS_A_SECOND;

/** Messages sent at once: their answers, and the events they set off, have to fit the shortest of queues. */
const BATCH = 32;

/** `key` names the original half, and it alone. */
type Entry = { readonly id: number; readonly family: number; readonly key: Buffer };

export type Conntrack = {
  /** A birth, as found in the events' buffer. Returns the connection's id. */
  readonly born: (start: number, end: number) => number;
  /** A death. Returns the connection's id. */
  readonly died: (start: number, end: number) => number;
  /** Lets virtual time pass for every connection that lives. `drain` reads the events that this sets off. */
  readonly advance: (milliseconds: number, drain: () => void) => void;
  /**
   * Deletes every connection, one by one, which is faster than the kernel's flush, and returns how many the kernel still
   * holds. `drain` reads the events of their deaths.
   */
  readonly clear: (drain: () => void) => number;
};

/**
 * Requests go by a socket of their own: on it there are answers and nothing else. `count` reads how many connections the
 * kernel holds, whether they were announced or not.
 */
export const conntrack = (requests: NetlinkSocket, { buffer }: NetlinkSocket, count: () => number): Conntrack => {
  const live = new Map<number, Entry>();
  const message = new MessageWriter();

  const begin = (command: number, entry: Entry): number => {
    const sequence = message.begin(type(command), 0, entry.family);
    message.encoded(entry.key);
    return sequence;
  };
  const remove = (entry: Entry): void => {
    begin(IPCTNL_MSG_CT_DELETE, entry);
    message.attribute(CTA_ID, idBytes(entry.id));
    message.end();
  };
  /** Sends what was written, and returns the first errno that comes back. */
  const send = (): number => {
    if (message.length === 0) return 0;
    requests.send(message);
    let error = 0;
    requests.receive((received, start) => {
      if (received === NLMSG_ERROR && error === 0) error = -requests.buffer.readInt32LE(start);
    });
    return error;
  };

  /** The seconds left of each entry as the kernel counts them; -1 of one that is gone, which looking for it made known. */
  const remaining = (entries: readonly Entry[]): Int32Array => {
    const seconds = new Int32Array(entries.length).fill(-1);
    let first = 0;
    for (const [index, entry] of entries.entries()) {
      const sequence = begin(IPCTNL_MSG_CT_GET, entry);
      message.end();
      if (index === 0) first = sequence;
    }
    requests.send(message);
    requests.receive((received, start, end, sequence) => {
      if (received === NLMSG_ERROR) return;
      const at = findAttribute(requests.buffer, start, end, CTA_TIMEOUT);
      if (at >= 0) seconds[sequence - first] = requests.buffer.readUInt32BE(at);
    });
    return seconds;
  };

  const advanceSome = (entries: readonly Entry[], elapsed: number): void => {
    const seconds = remaining(entries);
    for (const [index, entry] of entries.entries()) {
      const left = seconds[index] ?? -1;
      if (left < 0) continue;
      const before = Math.ceil(left / SECONDS_A_SECOND) * SECONDS_A_SECOND;
      if (before <= elapsed) {
        remove(entry);
        continue;
      }
      begin(IPCTNL_MSG_CT_NEW, entry);
      message.number(CTA_TIMEOUT, before - elapsed);
      message.end();
    }
    const error = send();
    if (error !== 0) throw new SystemError('ageing connections', `errno ${error}`);
  };

  const inBatches = (each: (entries: readonly Entry[]) => void, drain: () => void): void => {
    const entries = [...live.values()];
    for (let at = 0; at < entries.length; at += BATCH) {
      each(entries.slice(at, at + BATCH));
      drain();
    }
  };

  return {
    born: (start, end) => {
      const id = readId(buffer, start, end);
      const key = keyOf(buffer, start, end);
      live.set(id, { id, family: buffer.readUInt8(start + FAMILY_AT), key });
      return id;
    },
    died: (start, end) => {
      const id = readId(buffer, start, end);
      live.delete(id);
      return id;
    },
    advance: (milliseconds, drain) => {
      const elapsed = (milliseconds / 1000) * SECONDS_A_SECOND;
      inBatches((entries) => advanceSome(entries, elapsed), drain);
    },
    clear: (drain) => {
      inBatches((entries) => {
        for (const entry of entries) remove(entry);
        send();
      }, drain);
      if (count() === 0) return 0;
      // Whatever was never announced.
      message.begin(type(IPCTNL_MSG_CT_DELETE), 0, 0);
      message.end();
      const error = send();
      if (error !== 0) throw new SystemError('flushing connections', `errno ${error}`);
      drain();
      return count();
    },
  };
};

/**
 * What names the original half of a connection and no other half, whatever tuples are equal in zones that count in one
 * direction: its tuple, as the kernel encoded it, so any protocol will do, and a zone that counts in one direction, in
 * which original halves are asked for first. That is {its zone, original}; and where the half is in zone 0, {another zone,
 * reply}, which is said by giving the tuple as if it were the reply's.
 */
const keyOf = (buffer: Buffer, start: number, end: number): Buffer => {
  const original = findAttribute(buffer, start, end, CTA_TUPLE_ORIG);
  const tupleEnd = attributeEnd(buffer, original);
  const [zone, directed] = [findAttribute(buffer, start, end, CTA_ZONE), findAttribute(buffer, original, tupleEnd, CTA_TUPLE_ZONE)];
  const at = zone < 0 ? directed : zone;
  const isDefault = at < 0 || buffer.readUInt16BE(at) === 0;
  const key = new MessageWriter();
  key.nested(isDefault ? CTA_TUPLE_REPLY : CTA_TUPLE_ORIG, () => {
    key.encoded(wholeAttribute(buffer, findAttribute(buffer, original, tupleEnd, CTA_TUPLE_IP)));
    key.encoded(wholeAttribute(buffer, findAttribute(buffer, original, tupleEnd, CTA_TUPLE_PROTO)));
    key.attribute(CTA_TUPLE_ZONE, isDefault ? ANY_ZONE : buffer.subarray(at, at + 2));
  });
  return Buffer.from(key.bytes.subarray(0, key.length));
};

/** Any but zone 0. */
const ANY_ZONE = Uint8Array.of(0, 1);

/**
 * Sets the timeouts that have no sysctl, through the defaults of timeout policies: that of SYN_SENT2, and of SCTP that of
 * no state, which is to be as long as that of the closed one. Throws a SystemError where the kernel has no policies.
 */
export const policyTimeouts = (requests: NetlinkSocket): ((timeouts: Timeouts) => void) => {
  const message = new MessageWriter();
  const setting = (protocol: number, attribute: number, what: string) => {
    let current: number | undefined;
    return (seconds: number): void => {
      if (seconds === current) return;
      message.begin((NFNL_SUBSYS_CTNETLINK_TIMEOUT << 8) | IPCTNL_MSG_TIMEOUT_DEFAULT_SET, NLM_F_ACK, AF_INET);
      message.attribute(CTA_TIMEOUT_L3PROTO, Buffer.from([0, AF_INET]));
      message.attribute(CTA_TIMEOUT_L4PROTO, Buffer.from([protocol]));
      message.nested(CTA_TIMEOUT_DATA, () => message.number(attribute, seconds));
      message.end();
      requests.command(message, `the timeout of ${what} (nfnetlink_cttimeout)`);
      current = seconds;
    };
  };
  const synSent2 = setting(TCP, CTA_TIMEOUT_TCP_SYN_SENT2, 'SYN_SENT2');
  const noState = setting(SCTP, CTA_TIMEOUT_SCTP_CLOSED, 'closed SCTP');
  return ({ tcpSynSent2Ms, sctpClosedMs }) => {
    synSent2(kernelSeconds(tcpSynSent2Ms));
    noState(kernelSeconds(sctpClosedMs));
  };
};

/** The kernel's id is its own number in its own order; the tap's mark has it likewise. */
export const readId = (buffer: Buffer, start: number, end: number): number =>
  buffer.readUInt32LE(findAttribute(buffer, start, end, CTA_ID));

/** The version of IP of a connection that was read from here. */
export const versionOf = (buffer: Buffer, start: number): 'ip' | 'ip6' => (buffer.readUInt8(start + FAMILY_AT) === AF_INET ? 'ip' : 'ip6');

const idBytes = (id: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(id);
  return bytes;
};
