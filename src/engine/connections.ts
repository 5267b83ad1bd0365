/**
 * The table of confirmed connections.
 *
 * A connection has two halves, original (2 * connection) and reply (2 * connection + 1), each found by its own key.
 * Source: nf_conntrack_core.c, __nf_conntrack_confirm().
 */
import { assert } from './assert.ts';
import { hashKey } from './hash.ts';
import { clearKeys, createKeyIndex, findKey, insertKey, removeKey, type KeyIndex } from './key-index.ts';
import { float, word } from './memory.ts';
import { clearPool, createPool, giveBack, NONE, take, type Pool } from './pool.ts';
import { RECORD_WORDS } from './tcp-record.ts';
import { arm, clearWheel, createWheel, disarm, popDue, touch, type Wheel } from './wheel.ts';

export type Connections = {
  readonly pool: Pool;
  readonly halves: KeyIndex;
  readonly timers: Wheel;
  readonly createdMs: Float64Array;
  readonly label: Float64Array;
  /** 1 once a packet of the reply half was seen. */
  readonly seenReply: Int32Array;
  /** 1 if both halves have one key. */
  readonly ownInverse: Int32Array;
  /** What SCTP remembers: see sctp.ts. */
  readonly sctpState: Int32Array;
  /** Two for each connection. */
  readonly sctpTags: Int32Array;
  readonly sctpFlags: Int32Array;
  /** Records of TCP (tcp-record.ts). */
  readonly tcp: Int32Array;
  readonly hashSeed: number;
};

/** What a packet is looked up by: a tuple and a zone. */
export type Key = {
  source: number;
  destination: number;
  /** Source port in the upper half, destination port in the lower, or what stands for them. */
  ports: number;
  /** The same of the answer. */
  replyPorts: number;
  protocol: number;
  /** 0..65535. */
  zone: number;
};

export const createConnections = (connectionsMax: number, hashSeed: number): Connections => ({
  pool: createPool(connectionsMax),
  halves: createKeyIndex(connectionsMax * 2),
  timers: createWheel(connectionsMax),
  createdMs: new Float64Array(connectionsMax),
  label: new Float64Array(connectionsMax),
  seenReply: new Int32Array(connectionsMax),
  ownInverse: new Int32Array(connectionsMax),
  sctpState: new Int32Array(connectionsMax),
  sctpTags: new Int32Array(connectionsMax * 2),
  sctpFlags: new Int32Array(connectionsMax),
  tcp: new Int32Array(connectionsMax * RECORD_WORDS),
  hashSeed,
});

/** The half that has this key, or NONE. Expired connections are to be removed before. */
export const findHalf = (table: Connections, key: Key): number => {
  const last = lastWord(key);
  const hash = hashKey(table.hashSeed, key.source, key.destination, key.ports, last);
  return findKey(table.halves, hash, key.source, key.destination, key.ports, last);
};

/** The id of a connection that is not in the table yet, or NONE if there is no room for it. */
export const begin = (table: Connections, label: number, nowMs: number): number => {
  const connection = take(table.pool);
  if (connection === NONE) return NONE;
  table.createdMs[connection] = nowMs;
  table.label[connection] = label;
  table.seenReply[connection] = 0;
  return connection;
};

/** Forgets a connection that is not in the table. */
export const forget = (table: Connections, connection: number): void => giveBack(table.pool, connection);

/** Puts a connection into the table, whose original half has this key. No half of it is there. */
export const confirm = (table: Connections, connection: number, key: Key, dueMs: number): void => {
  const { source, destination, ports, replyPorts } = key;
  const last = lastWord(key);
  insertHalf(table, connection * 2 + 1, destination, source, replyPorts, last);
  // A tuple that is its own inverse has one key for both halves, and it is the reply half that answers.
  const ownInverse = source === destination && ports === replyPorts;
  table.ownInverse[connection] = ownInverse ? 1 : 0;
  if (!ownInverse) insertHalf(table, connection * 2, source, destination, ports, last);
  arm(table.timers, connection, dueMs);
};

/** Gives a connection this long from now. */
export const refresh = (table: Connections, connection: number, nowMs: number, timeoutMs: number): void => {
  assert(float(table.timers.dueMs, connection) > nowMs, 'an expired connection is never found');
  touch(table.timers, connection, nowMs + timeoutMs);
};

/** Removes every connection that is due. */
export const expireConnections = (table: Connections, nowMs: number): void => {
  for (let due = popDue(table.timers, nowMs); due !== NONE; due = popDue(table.timers, nowMs)) remove(table, due);
};

/** Empties the table at the cost of what was in use. */
export const clearConnections = (table: Connections): void => {
  clearKeys(table.halves, table.pool.fresh * 2);
  clearWheel(table.timers, table.pool.fresh);
  clearPool(table.pool);
};

/** Removes a connection that is in the table, before its time. */
export const end = (table: Connections, connection: number): void => {
  disarm(table.timers, connection);
  remove(table, connection);
};

const remove = (table: Connections, connection: number): void => {
  removeKey(table.halves, connection * 2 + 1);
  if (word(table.ownInverse, connection) === 0) removeKey(table.halves, connection * 2);
  giveBack(table.pool, connection);
};

const insertHalf = (table: Connections, half: number, w0: number, w1: number, w2: number, w3: number): void => {
  insertKey(table.halves, half, hashKey(table.hashSeed, w0, w1, w2, w3), w0, w1, w2, w3);
};

/** Protocol and zone in one word. */
const lastWord = (key: Key): number => {
  assert(key.zone >= 0 && key.zone <= 0xffff, 'a zone has 16 bits');
  assert(key.protocol >= 0 && key.protocol <= 0xff, 'a protocol has 8 bits');
  return (key.protocol << 16) | key.zone;
};
