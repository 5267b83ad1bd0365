/**
 * The table of confirmed connections.
 *
 * A connection has two halves, original (2 * connection) and reply (2 * connection + 1), each found by its own key.
 * Source: nf_conntrack_core.c, __nf_conntrack_confirm().
 */
import { type Addresses, unuse, useAgain } from './addresses.ts';
import { assert } from './assert.ts';
import { hashKey } from './hash.ts';
import { clearKeys, createKeyIndex, findKey, insertKey, removeKey, resizeKeys, type KeyIndex } from './key-index.ts';
import { float, word } from './memory.ts';
import { clearPool, createPool, giveBack, NONE, take, type Pool } from './pool.ts';
import { RECORD_WORDS } from './tcp-record.ts';
import { arm, clearWheel, createWheel, disarm, isRunning, popDue, touch, type Wheel } from './wheel.ts';

/** When a connection was created that no packet made. */
export const CREATED_MS = Number.NEGATIVE_INFINITY;

export type Connections = {
  readonly pool: Pool;
  readonly halves: KeyIndex;
  readonly timers: Wheel;
  readonly createdMs: Float64Array;
  readonly label: Float64Array;
  /** 1 once a packet of the reply half was seen. */
  readonly seenReply: Int32Array;
  /** 1 once its protocol saw that both ends mean it. */
  readonly assured: Int32Array;
  /** 1 if both halves have one key. */
  readonly oneKey: Int32Array;
  readonly addresses: Addresses;
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
  /** 0 for IPv4, 1 for IPv6: addresses of both are numbers, and these can be equal. */
  family: number;
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

export const createConnections = (connectionsMax: number, hashSeed: number, addresses: Addresses): Connections => ({
  pool: createPool(connectionsMax),
  halves: createKeyIndex(connectionsMax * 2),
  timers: createWheel(connectionsMax),
  createdMs: new Float64Array(connectionsMax),
  label: new Float64Array(connectionsMax),
  seenReply: new Int32Array(connectionsMax),
  assured: new Int32Array(connectionsMax),
  oneKey: new Int32Array(connectionsMax),
  addresses,
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
  table.assured[connection] = 0;
  return connection;
};

/** Forgets a connection that is not in the table. */
export const forget = (table: Connections, connection: number): void => giveBack(table.pool, connection);

/**
 * Puts a connection into the table, whose original half has this key, which is not there. False, and nothing is done, if
 * the reply half's is.
 */
export const confirm = (table: Connections, connection: number, key: Key, dueMs: number): boolean => {
  const { source, destination, ports, replyPorts } = key;
  const last = lastWord(key);
  if (hasKey(table, destination, source, replyPorts, last)) return false;
  insertHalf(table, connection * 2 + 1, destination, source, replyPorts, last);
  useBoth(table, key);
  const oneKey = source === destination && ports === replyPorts;
  insertOriginal(table, connection, key, oneKey, dueMs);
  return true;
};

/** Puts a connection into the table whose halves have these keys. Neither is there. */
export const insertConnection = (table: Connections, connection: number, original: Key, reply: Key, dueMs: number): void => {
  insertHalf(table, connection * 2 + 1, reply.source, reply.destination, reply.ports, lastWord(reply));
  useBoth(table, reply);
  const oneKey = original.source === reply.source && original.destination === reply.destination && original.ports === reply.ports;
  insertOriginal(table, connection, original, oneKey, dueMs);
};

/** A connection whose halves have one key is found by its reply half, and that is the one that answers. */
const insertOriginal = (table: Connections, connection: number, key: Key, oneKey: boolean, dueMs: number): void => {
  table.oneKey[connection] = oneKey ? 1 : 0;
  if (!oneKey) {
    insertHalf(table, connection * 2, key.source, key.destination, key.ports, lastWord(key));
    useBoth(table, key);
  }
  arm(table.timers, connection, dueMs);
};

/** A half uses its addresses as long as its key is in the index. */
const useBoth = ({ addresses }: Connections, { family, source, destination }: Key): void => {
  if (family === 0) return;
  useAgain(addresses, source);
  useAgain(addresses, destination);
};

/** The half whose key is in the index: of two that have one key, the reply half. */
export const indexedHalf = (table: Connections, connection: number, half: 0 | 1): number =>
  connection * 2 + (word(table.oneKey, connection) === 1 ? 1 : half);

/** The ports of the original half of a connection in the table. */
export const originalPorts = (table: Connections, connection: number): number => word(table.halves.words, indexedHalf(table, connection, 0) * 4 + 2);

/** Whether an id below `pool.fresh` stands for a connection in the table. What is due was removed before. */
export const isConfirmed = (table: Connections, connection: number): boolean => isRunning(table.timers, connection);

/** Gives a connection this long from now. */
export const refresh = (table: Connections, connection: number, nowMs: number, timeoutMs: number): void => {
  assert(float(table.timers.dueMs, connection) > nowMs, 'an expired connection is never found');
  touch(table.timers, connection, nowMs + timeoutMs);
};

/** Removes every connection that is due. */
export const expireConnections = (table: Connections, nowMs: number): void => {
  for (let due = popDue(table.timers, nowMs); due !== NONE; due = popDue(table.timers, nowMs)) remove(table, due);
};

/** Empties the table at the cost of what was in use. The addresses that it used are to be cleared as well. */
export const clearConnections = (table: Connections): void => {
  clearKeys(table.halves, table.pool.fresh * 2);
  clearWheel(table.timers, table.pool.fresh);
  clearPool(table.pool);
};

/** Gives the index about so many slots. */
export const resize = (table: Connections, slots: number): void => resizeKeys(table.halves, slots);

/** Removes a connection that is in the table, before its time. */
export const end = (table: Connections, connection: number): void => {
  disarm(table.timers, connection);
  remove(table, connection);
};

const remove = (table: Connections, connection: number): void => {
  removeHalf(table, connection * 2 + 1);
  if (word(table.oneKey, connection) === 0) removeHalf(table, connection * 2);
  giveBack(table.pool, connection);
};

const removeHalf = (table: Connections, half: number): void => {
  const { words } = table.halves;
  removeKey(table.halves, half);
  if (!isFamily6(table, half)) return;
  unuse(table.addresses, word(words, half * 4));
  unuse(table.addresses, word(words, half * 4 + 1));
};

/** Whether the addresses of a half in the index are numbers of IPv6 addresses. */
export const isFamily6 = (table: Connections, half: number): boolean => (word(table.halves.words, half * 4 + 3) & FAMILY) !== 0;

const hasKey = (table: Connections, w0: number, w1: number, w2: number, w3: number): boolean =>
  findKey(table.halves, hashKey(table.hashSeed, w0, w1, w2, w3), w0, w1, w2, w3) !== NONE;

const insertHalf = (table: Connections, half: number, w0: number, w1: number, w2: number, w3: number): void => {
  insertKey(table.halves, half, hashKey(table.hashSeed, w0, w1, w2, w3), w0, w1, w2, w3);
};

/** The bit of the last word that says IPv6. */
const FAMILY = 1 << 24;

/** Family, protocol and zone in one word. */
const lastWord = (key: Key): number => {
  assert(key.zone >= 0 && key.zone <= 0xffff, 'a zone has 16 bits');
  assert(key.protocol >= 0 && key.protocol <= 0xff, 'a protocol has 8 bits');
  return (key.family << 24) | (key.protocol << 16) | key.zone;
};
