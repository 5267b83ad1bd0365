/**
 * Control: the table read and changed by tuple or by zone, past all packets. Source: nf_conntrack_netlink.c.
 *
 * It is no hot path, so it speaks in the words of the specification and allocates. What it walks is what was in use, never
 * what could be.
 */
import { type Listed, MOST_SECONDS, type Told } from '../../spec/trace/outcome.ts';
import type { Tuple } from '../../spec/tuple.ts';
import { addressText, addressWord } from './address-word.ts';
import { begin, type Connections, end, findHalf, forget, hasRoomFor, insertConnection, isConfirmed, type Key, ORIGINAL_ONLY, REPLY_ONLY, setZone } from './connections.ts';
import { ICMP, isQuery } from './icmp.ts';
import { float, word } from './memory.ts';
import { NONE } from './pool.ts';
import { RECORD_WORDS } from './tcp-record.ts';

/** Ends the connections of a zone. */
export const flushZone = (table: Connections, zone: number): void => {
  for (let connection = 0; connection < table.pool.fresh; connection++) {
    if (isConfirmed(table, connection) && zoneOf(table, connection) === zone) end(table, connection);
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
  if (isNobodys(tuple)) return INVALID;
  const half = findHalf(table, keyOf(tuple, zone));
  return half === NONE ? MISSING : { kind: 'list', connections: [listed(table, half >> 1, nowMs)] };
};

export const remove = (table: Connections, tuple: Tuple, zone: number): Told => {
  if (isNobodys(tuple)) return INVALID;
  const half = findHalf(table, keyOf(tuple, zone));
  if (half === NONE) return MISSING;
  end(table, half >> 1);
  return DONE;
};

export type Creation = { readonly original: Tuple; readonly reply: Tuple; readonly zone: number; readonly timeoutMs: number };

/** Creates a connection that no packet made. Throws an Error if the table is full. */
export const create = (table: Connections, { original, reply, zone, timeoutMs }: Creation, label: number, nowMs: number): Told => {
  if (isNobodys(original) || isNobodys(reply)) return INVALID;
  const [there, back] = [keyOf(original, zone), keyOf(reply, zone)];
  if (findHalf(table, there) !== NONE) return EXISTS;
  if (original.protocol !== reply.protocol) return INVALID;
  if (!hasRoomFor(table, zone)) return MEMORY;
  // No packet made it, so it is as old as can be, and TCP remembers nothing of it.
  const connection = begin(table, label, Number.NEGATIVE_INFINITY);
  if (connection === NONE) throw new Error(`engine: the table is full, its limit is ${table.pool.limit} connections`);
  table.tcp.fill(0, connection * RECORD_WORDS, (connection + 1) * RECORD_WORDS);
  if (insertConnection(table, connection, there, back, nowMs + timeoutMs)) return DONE;
  forget(table, connection);
  return EXISTS;
};

const DONE: Told = { kind: 'done' };
const EXISTS: Told = { kind: 'refused', why: 'exists' };
const MISSING: Told = { kind: 'refused', why: 'missing' };
const MEMORY: Told = { kind: 'refused', why: 'memory' };
const INVALID: Told = { kind: 'refused', why: 'invalid' };

/** A message that is neither a request nor an answer has no connection of its own. */
const isNobodys = ({ protocol, destinationPort }: Tuple): boolean => protocol === ICMP && !isQuery(destinationPort);

/** Reply ports are those of packets; here a reply has a key of its own. */
const keyOf = ({ source, destination, protocol, sourcePort, destinationPort }: Tuple, zone: number): Key => {
  const key = {
    family: 0,
    source: addressWord(source),
    destination: addressWord(destination),
    ports: (sourcePort << 16) | destinationPort,
    replyPorts: 0,
    protocol,
    zone: 0,
    replyZone: 0,
    assigned: 0,
  };
  setZone(key, zone);
  return key;
};

const zoneOf = (table: Connections, connection: number): number => word(table.zone, connection) & 0xffff;

/** Nothing is said of zone 0, which is the same in both. */
const countsOf = (assigned: number): Pick<Listed, 'counts'> => {
  if ((assigned & 0xffff) === 0) return {};
  if ((assigned & ORIGINAL_ONLY) !== 0) return { counts: 'original' };
  return (assigned & REPLY_ONLY) === 0 ? {} : { counts: 'reply' };
};

/** What a half is found by. */
export const tupleOf = (table: Connections, half: number): Tuple => {
  const [ports, last] = [word(table.halves.words, half * 4 + 2), word(table.halves.words, half * 4 + 3)];
  return {
    source: addressText(word(table.halves.words, half * 4)),
    destination: addressText(word(table.halves.words, half * 4 + 1)),
    protocol: (last >>> 16) & 0xff,
    sourcePort: ports >>> 16,
    destinationPort: ports & 0xffff,
  };
};

const listed = (table: Connections, connection: number, nowMs: number): Listed => ({
  connection: float(table.label, connection),
  zone: zoneOf(table, connection),
  ...countsOf(word(table.zone, connection)),
  original: tupleOf(table, connection * 2),
  reply: tupleOf(table, connection * 2 + 1),
  seenReply: word(table.seenReply, connection) === 1,
  assured: word(table.assured, connection) === 1,
  confirmed: true,
  seconds: Math.min(MOST_SECONDS, Math.floor((float(table.timers.dueMs, connection) - nowMs) / 1000)),
});
