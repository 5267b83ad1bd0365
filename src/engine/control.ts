/**
 * Control: the table read and changed by tuple or by zone, past all packets. Source: nf_conntrack_netlink.c.
 *
 * It is no hot path, so it speaks in the words of the specification and allocates. What it walks is what was in use, never
 * what could be.
 */
import type { Protoinfo, TcpSide } from '../../spec/trace/event.ts';
import type { Listed, Told } from '../../spec/trace/outcome.ts';
import type { Tuple } from '../../spec/tuple.ts';
import { isText6, writeAddress } from './address-text.ts';
import { numberOf, unuse, use } from './addresses.ts';
import { begin, type Connections, CREATED_MS, end, findHalf, forget, hasRoomFor, insertConnection, isConfirmed, type Key, setZone } from './connections.ts';
import { makeRoom } from './early-drop.ts';
import { GRE } from './gre.ts';
import { ICMP, isQuery } from './icmp.ts';
import { ICMPV6, isQuery6 } from './icmp6.ts';
import { long } from './memory.ts';
import { NONE } from './pool.ts';
import { SCTP } from './sctp.ts';
import { TCP } from './tcp.ts';
import { CLOSED_FIRST, FLAGS, HALF_WORDS, LAST_KIND, LIBERAL, RECORD_WORDS, SACKS, SCALE, SCALES, STATE, SYN, UNACKNOWLEDGED } from './tcp-record.ts';
import { UDP_LITE } from './udp-lite.ts';
import { UDP } from './udp.ts';
import { listed, zoneOf } from './words.ts';

/** Ends the connections of a zone, or all. */
export const flush = (table: Connections, zone: number | undefined): void => {
  for (let connection = 0; connection < table.pool.fresh; connection++) {
    if (isConfirmed(table, connection) && (zone === undefined || zoneOf(table, connection) === zone)) end(table, connection);
  }
};

/** The connections of a zone, or all. None of them is due. */
export const dump = (table: Connections, zone: number | undefined, nowMs: number): Told => {
  const connections: Listed[] = [];
  for (let connection = 0; connection < table.pool.fresh; connection++) {
    if (!isConfirmed(table, connection)) continue;
    if (zone === undefined || zoneOf(table, connection) === zone) connections.push(listed(table, connection, nowMs));
  }
  return { kind: 'list', connections };
};

/** The connection of which a half has this tuple. Here and below a zone is as it was assigned, directions included. */
export const get = (table: Connections, tuple: Tuple, zone: number, nowMs: number): Told => {
  if (!isPossible(tuple)) return INVALID;
  const half = findHalf(table, keyOf(table, tuple, zone));
  return half === NONE ? MISSING : { kind: 'list', connections: [listed(table, half >> 1, nowMs)] };
};

export const remove = (table: Connections, tuple: Tuple, zone: number): Told => {
  if (!isPossible(tuple)) return INVALID;
  const half = findHalf(table, keyOf(table, tuple, zone));
  if (half === NONE) return MISSING;
  end(table, half >> 1);
  return DONE;
};

export type Creation = {
  readonly original: Tuple;
  readonly reply: Tuple;
  readonly zone: number;
  readonly timeoutMs: number;
  readonly protoinfo?: Protoinfo;
};

/** Creates a connection that no packet made. Throws an Error if the table is full. */
export const create = (table: Connections, creation: Creation, label: number, nowMs: number): Told => {
  const { original, reply, zone, timeoutMs, protoinfo } = creation;
  if (!isPossible(original) || !isPossible(reply) || isText6(original.source) !== isText6(reply.source)) return INVALID;
  if (findHalf(table, keyOf(table, original, zone)) !== NONE) return EXISTS;
  if (original.protocol !== reply.protocol) return INVALID;
  if (!makeRoom(table, keyOf(table, original, zone)) || !hasRoomFor(table, zone)) return MEMORY;
  // No packet made it, so it is as old as can be.
  const connection = begin(table, label, CREATED_MS);
  if (connection === NONE) throw new Error(`engine: the table is full, its limit is ${table.pool.limit} connections`);
  remember(table, connection, original.protocol, protoinfo);
  const [there, back] = [usingKeyOf(table, original, zone), usingKeyOf(table, reply, zone)];
  const isAlone = insertConnection(table, connection, there, back, nowMs + timeoutMs);
  for (const key of [there, back]) giveUp(table, key);
  if (!isAlone) forget(table, connection);
  return isAlone ? DONE : EXISTS;
};

const DONE: Told = { kind: 'done' };
const EXISTS: Told = { kind: 'refused', why: 'exists' };
const MISSING: Told = { kind: 'refused', why: 'missing' };
const MEMORY: Told = { kind: 'refused', why: 'memory' };
const INVALID: Told = { kind: 'refused', why: 'invalid' };

/** What its protocol is to know of a connection: what is said, or nothing. */
const remember = (table: Connections, connection: number, protocol: number, protoinfo: Protoinfo | undefined): void => {
  const { tcp, sctpState, sctpTags, sctpFlags } = table;
  const base = connection * RECORD_WORDS;
  tcp.fill(0, base, base + RECORD_WORDS);
  // The zeros of a kernel's record say that the last segment was a SYN.
  tcp[base + LAST_KIND] = SYN;
  sctpState[connection] = 0;
  sctpFlags[connection] = 0;
  sctpTags.fill(0, connection * 2, connection * 2 + 2);
  if (protoinfo?.kind === 'tcp' && protocol === TCP) {
    const { state, original, reply } = protoinfo;
    const scaled = original.scale !== undefined && reply.scale !== undefined;
    tcp[base + STATE] = TCP_STATES.indexOf(state);
    for (const [half, side] of [original, reply].entries()) {
      tcp[base + half * HALF_WORDS + FLAGS] = flagsOf(side);
      tcp[base + half * HALF_WORDS + SCALE] = scaled ? (side.scale ?? 0) : 0;
    }
  }
  if (protoinfo?.kind === 'sctp' && protocol === SCTP) {
    sctpState[connection] = SCTP_STATES.indexOf(protoinfo.state);
    sctpTags[connection * 2] = protoinfo.tags.original;
    sctpTags[connection * 2 + 1] = protoinfo.tags.reply;
  }
};

/** As they are numbered in tcp-states.ts and sctp.ts. */
const TCP_STATES = ['NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'SYN_SENT2'] as const;
const SCTP_STATES = ['none', 'closed', 'cookie-wait', 'cookie-echoed', 'established', 'shutdown-sent', 'shutdown-received', 'shutdown-ack-sent', 'heartbeat-sent'] as const;

const flagsOf = ({ scale, sackPermitted, closedFirst, liberal, unacknowledged }: TcpSide): number =>
  (scale === undefined ? 0 : SCALES) | (sackPermitted ? SACKS : 0) | (closedFirst ? CLOSED_FIRST : 0) | (liberal ? LIBERAL : 0) | (unacknowledged ? UNACKNOWLEDGED : 0);

/** Not so what has addresses of two versions of IP, or is a message that is neither a request nor an answer. */
const isPossible = ({ source, destination, protocol, destinationPort }: Tuple): boolean => {
  if (isText6(source) !== isText6(destination)) return false;
  if (protocol === ICMP) return isQuery(destinationPort);
  return protocol !== ICMPV6 || isQuery6(destinationPort);
};

const hasPorts = (protocol: number): boolean =>
  protocol === TCP || protocol === UDP || protocol === UDP_LITE || protocol === SCTP || protocol === GRE || protocol === ICMP || protocol === ICMPV6;

const scratch = new Uint8Array(16);

/** By what a tuple is looked up. An address that nobody uses has no number, and NONE is found nowhere. */
const keyOf = (table: Connections, tuple: Tuple, zone: number): Key => keyBy(tuple, zone, () => numberOf(table.addresses, scratch, 0));

/** The same, its addresses used, until they are given up. */
const usingKeyOf = (table: Connections, tuple: Tuple, zone: number): Key => keyBy(tuple, zone, () => use(table.addresses, scratch, 0));

const giveUp = ({ addresses }: Connections, { family, source, destination }: Key): void => {
  if (family === 0) return;
  unuse(addresses, source);
  unuse(addresses, destination);
};

/** `number` gives the number of the IPv6 address in `scratch`. Reply ports are those of packets; here a reply has a key of its own. */
const keyBy = ({ source, destination, protocol, sourcePort, destinationPort }: Tuple, zone: number, number: () => number): Key => {
  const wordOf = (text: string): number => {
    writeAddress(text, scratch);
    return isText6(text) ? number() : long(scratch, 0);
  };
  const key = {
    family: isText6(source) ? 1 : 0,
    source: wordOf(source),
    destination: wordOf(destination),
    ports: hasPorts(protocol) ? (sourcePort << 16) | destinationPort : 0,
    replyPorts: 0,
    protocol,
    zone: 0,
    replyZone: 0,
    assigned: 0,
  };
  setZone(key, zone);
  return key;
};
