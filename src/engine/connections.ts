/**
 * The table of confirmed connections.
 *
 * A connection has two halves, original (2 * connection) and reply (2 * connection + 1), each found by its own key, in which
 * the zone is the id that counts in its direction. Halves of one direction never have one key. An original and a reply half
 * may: then the one that came last is in the index, and the other behind it.
 *
 * Source: nf_conntrack_core.c, __nf_conntrack_find_get(), __nf_conntrack_confirm().
 */
import type { Limits } from '../../spec/trace/network.ts';
import type { Evicted } from '../../spec/trace/outcome.ts';
import { type Addresses, unuse, useAgain } from './addresses.ts';
import { assert } from './assert.ts';
import { type BySource, clearBySource, createBySource, list, unlist } from './by-source.ts';
import { hashKey } from './hash.ts';
import { addKey, clearKeys, createKeyIndex, findKey, isIndexed, removeKey, replaceKey, resizeKeys, type KeyIndex } from './key-index.ts';
import { float, word } from './memory.ts';
import { clearPool, createPool, giveBack, NONE, take, type Pool } from './pool.ts';
import { RECORD_WORDS } from './tcp-record.ts';
import { arm, clearWheel, createWheel, disarm, isRunning, popDue, touch, type Wheel } from './wheel.ts';

/** When a connection was created that no packet made. */
export const CREATED_MS = Number.NEGATIVE_INFINITY;

const ZONES = 0x10000;

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
  readonly settings: {
    /** Whether all halves of a tuple are asked for at once, whatever the ids of a zone, as before Linux 5.15. */
    oneChain: boolean;
    /** The most connections whose zone is not 0, as before Linux 4.8; else infinity. */
    extensionsMax: number;
    /** The most connections that the network allows. */
    connectionsMax: number;
    /** Whether it limits those of a zone. */
    limitsZones: boolean;
  };
  /** How many more connections each zone may have, by its id as it was assigned; only where zones are limited. */
  readonly room: Float64Array;
  /** Who ended early since the packet or command at hand came. */
  readonly evicted: Evicted[];
  /** Connections in the table whose zone is not 0. */
  extensions: number;
  /** How many connections were inserted, and of each the how-manieth it was. */
  inserted: number;
  readonly order: Float64Array;
  /** The half behind each half, + 1; 0 if it is alone with its key. */
  readonly behind: Int32Array;
  /** The zone as it was assigned: the id, and in which directions it counts in the bits above. */
  readonly zone: Int32Array;
  /** Whether it is bound, and what of it is translated: see nat.ts. */
  readonly bound: Int32Array;
  /** The device whose address it took, by which it has to leave; its number and 1, or 0. */
  readonly masquerade: Int32Array;
  readonly bySource: BySource;
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
  /** The zone's id in original direction, 0..65535. */
  zone: number;
  /** The same in reply direction. */
  replyZone: number;
  /** The id as it was assigned, and below in which directions it counts. */
  assigned: number;
};

/** Bits of an assigned zone above its id. */
export const ORIGINAL_ONLY = 1 << 16;
export const REPLY_ONLY = 2 << 16;

/** Writes a zone into a key, as it was assigned. */
export const setZone = (key: Key, assigned: number): void => {
  const id = assigned & 0xffff;
  key.assigned = assigned;
  key.zone = (assigned & REPLY_ONLY) !== 0 ? 0 : id;
  key.replyZone = (assigned & ORIGINAL_ONLY) !== 0 ? 0 : id;
};

export const createConnections = (connectionsMax: number, hashSeed: number, addresses: Addresses): Connections => ({
  pool: createPool(connectionsMax),
  halves: createKeyIndex(connectionsMax * 2),
  timers: createWheel(connectionsMax),
  createdMs: new Float64Array(connectionsMax),
  label: new Float64Array(connectionsMax),
  seenReply: new Int32Array(connectionsMax),
  assured: new Int32Array(connectionsMax),
  settings: { oneChain: false, extensionsMax: Number.POSITIVE_INFINITY, connectionsMax: Number.POSITIVE_INFINITY, limitsZones: false },
  room: new Float64Array(ZONES),
  evicted: [],
  extensions: 0,
  inserted: 0,
  order: new Float64Array(connectionsMax),
  behind: new Int32Array(connectionsMax * 2),
  zone: new Int32Array(connectionsMax),
  bound: new Int32Array(connectionsMax),
  masquerade: new Int32Array(connectionsMax),
  bySource: createBySource(connectionsMax, hashSeed),
  addresses,
  sctpState: new Int32Array(connectionsMax),
  sctpTags: new Int32Array(connectionsMax * 2),
  sctpFlags: new Int32Array(connectionsMax),
  tcp: new Int32Array(connectionsMax * RECORD_WORDS),
  hashSeed,
});

/**
 * The half that answers this key, or NONE. Expired connections are to be removed before. Where the zone counts in one
 * direction, original halves are asked for by one id, and then reply halves by the other.
 */
export const findHalf = (table: Connections, key: Key): number => {
  const { source, destination, ports } = key;
  if (key.zone === key.replyZone) return find(table, source, destination, ports, lastWord(key, key.zone));
  const original = findOriginal(table, key, source, destination, ports);
  if (original !== NONE && !table.settings.oneChain) return original;
  const reply = findReply(table, key, source, destination, ports);
  if (original === NONE || reply === NONE) return original === NONE ? reply : original;
  return float(table.order, original >> 1) > float(table.order, reply >> 1) ? original : reply;
};

const findOriginal = (table: Connections, key: Key, w0: number, w1: number, w2: number): number =>
  ofDirection(table, find(table, w0, w1, w2, lastWord(key, key.zone)), 0);

const findReply = (table: Connections, key: Key, w0: number, w1: number, w2: number): number =>
  ofDirection(table, find(table, w0, w1, w2, lastWord(key, key.replyZone)), 1);

const find = (table: Connections, w0: number, w1: number, w2: number, w3: number): number =>
  findKey(table.halves, hashKey(table.hashSeed, w0, w1, w2, w3), w0, w1, w2, w3);

/** Of a half and the one behind it, the one in this direction, or NONE. */
const ofDirection = (table: Connections, half: number, direction: 0 | 1): number => {
  if (half === NONE || (half & 1) === direction) return half;
  return word(table.behind, half) - 1;
};

/** The id of a connection that is not in the table yet, or NONE if there is no room for it. */
export const begin = (table: Connections, label: number, nowMs: number): number => {
  const connection = take(table.pool);
  if (connection === NONE) return NONE;
  table.createdMs[connection] = nowMs;
  table.label[connection] = label;
  table.seenReply[connection] = 0;
  table.assured[connection] = 0;
  table.bound[connection] = 0;
  table.masquerade[connection] = 0;
  return connection;
};

/** Forgets a connection that is not in the table. */
export const forget = (table: Connections, connection: number): void => giveBack(table.pool, connection);

/** Whether there is memory for a connection in this zone, as it was assigned. */
export const hasRoomFor = ({ extensions, settings }: Connections, assigned: number): boolean => (assigned & 0xffff) === 0 || extensions < settings.extensionsMax;

/** Whether its zone may have one more connection. */
export const zoneHasRoom = ({ room, settings }: Connections, assigned: number): boolean => !settings.limitsZones || float(room, assigned & 0xffff) > 0;

/** Takes over a network's limits, while the table is empty. */
export const setConnectionLimits = ({ settings, room }: Connections, limits: Limits | undefined): void => {
  settings.connectionsMax = limits?.connections ?? Number.POSITIVE_INFINITY;
  settings.limitsZones = limits?.zones !== undefined;
  if (!limits?.zones) return;
  room.fill(limits.zones.find(({ zone }) => zone === undefined)?.connections ?? Number.POSITIVE_INFINITY);
  for (const { zone, connections } of limits.zones.toReversed()) if (zone !== undefined) room[zone] = connections;
};

/**
 * Puts a connection into the table, whose original half has this key, which has no owner. False, and nothing is done, if
 * its reply half is another's.
 */
export const confirm = (table: Connections, connection: number, key: Key, dueMs: number): boolean => {
  const { source, destination, replyPorts } = key;
  if (isOwned(table, key, destination, source, replyPorts, 1)) return false;
  insertHalves(table, connection, key, destination, source, replyPorts, lastWord(key, key.replyZone), dueMs);
  return true;
};

/** The same where the reply half has a key of its own. False if either half is another's. */
export const insertConnection = (table: Connections, connection: number, key: Key, reply: Key, dueMs: number): boolean => {
  const { source, destination, ports } = reply;
  if (isOwned(table, key, key.source, key.destination, key.ports, 0)) return false;
  if (isOwned(table, key, source, destination, ports, 1)) return false;
  insertHalves(table, connection, key, source, destination, ports, lastWord(reply, key.replyZone), dueMs);
  return true;
};

/** The same of a connection that translation has bound. */
export const confirmBound = (table: Connections, connection: number, key: Key, reply: Key, dueMs: number): boolean => {
  if (!insertConnection(table, connection, key, reply, dueMs)) return false;
  list(table.bySource, connection, key.source, key.ports >>> 16, key.protocol, key.zone);
  return true;
};

/** The half that owns the key which a reply half would have, or NONE: what translation calls taken. */
export const ownerOfReply = (table: Connections, reply: Key): number =>
  reply.zone === reply.replyZone
    ? find(table, reply.source, reply.destination, reply.ports, lastWord(reply, reply.zone))
    : findReply(table, reply, reply.source, reply.destination, reply.ports);

/** Whether another half owns a half of this direction. Halves of both directions are compared where they have one zone, or one chain. */
const isOwned = (table: Connections, key: Key, w0: number, w1: number, w2: number, direction: 0 | 1): boolean => {
  if (key.zone === key.replyZone) return find(table, w0, w1, w2, lastWord(key, key.zone)) !== NONE;
  const { oneChain } = table.settings;
  return (
    ((direction === 0 || oneChain) && findOriginal(table, key, w0, w1, w2) !== NONE) ||
    ((direction === 1 || oneChain) && findReply(table, key, w0, w1, w2) !== NONE)
  );
};

/** The reply half comes last, so it stands before an original half of the same key. */
const insertHalves = (table: Connections, connection: number, key: Key, w0: number, w1: number, w2: number, w3: number, dueMs: number): void => {
  table.zone[connection] = key.assigned;
  table.order[connection] = ++table.inserted;
  if ((key.assigned & 0xffff) !== 0) table.extensions++;
  if (table.settings.limitsZones) changeRoom(table, key.assigned, -1);
  insertHalf(table, connection * 2, key.source, key.destination, key.ports, lastWord(key, key.zone));
  insertHalf(table, connection * 2 + 1, w0, w1, w2, w3);
  arm(table.timers, connection, dueMs);
};

const changeRoom = ({ room }: Connections, assigned: number, by: 1 | -1): void => {
  const zone = assigned & 0xffff;
  room[zone] = float(room, zone) + by;
};

/** The ports of the original half of a connection in the table. */
export const originalPorts = (table: Connections, connection: number): number => word(table.halves.words, connection * 8 + 2);

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
  clearBySource(table.bySource, table.pool.fresh);
  clearPool(table.pool);
  table.extensions = 0;
};

/** Gives the index about so many slots. */
export const resize = (table: Connections, slots: number): void => resizeKeys(table.halves, slots);

/** Removes a connection that is in the table, before its time. */
export const end = (table: Connections, connection: number): void => {
  disarm(table.timers, connection);
  remove(table, connection);
};

const remove = (table: Connections, connection: number): void => {
  unlist(table.bySource, connection);
  if ((word(table.zone, connection) & 0xffff) !== 0) table.extensions--;
  if (table.settings.limitsZones) changeRoom(table, word(table.zone, connection), 1);
  removeHalf(table, connection * 2 + 1);
  removeHalf(table, connection * 2);
  giveBack(table.pool, connection);
};

/** Whether the addresses of a half in the table are numbers of IPv6 addresses. */
export const isFamily6 = (table: Connections, half: number): boolean => (word(table.halves.words, half * 4 + 3) & FAMILY) !== 0;

/** A half uses its addresses as long as it is in the table. */
const insertHalf = (table: Connections, half: number, w0: number, w1: number, w2: number, w3: number): void => {
  const { halves, behind, addresses } = table;
  if ((w3 & FAMILY) !== 0) {
    useAgain(addresses, w0);
    useAgain(addresses, w1);
  }
  const before = addKey(halves, half, hashKey(table.hashSeed, w0, w1, w2, w3), w0, w1, w2, w3);
  behind[half] = before + 1;
  if (before === NONE) return;
  assert((before & 1) !== (half & 1) && word(behind, before) === 0, 'one key has one owner in each direction');
  replaceKey(halves, before, half);
};

const removeHalf = (table: Connections, half: number): void => {
  const { halves, behind, addresses } = table;
  if (isFamily6(table, half)) {
    unuse(addresses, word(halves.words, half * 4));
    unuse(addresses, word(halves.words, half * 4 + 1));
  }
  const next = word(behind, half) - 1;
  if (!isIndexed(halves, half)) {
    const at = half * 4;
    behind[find(table, word(halves.words, at), word(halves.words, at + 1), word(halves.words, at + 2), word(halves.words, at + 3))] = 0;
  } else if (next === NONE) removeKey(halves, half);
  else replaceKey(halves, half, next);
};

/** The bit of the last word that says IPv6. */
const FAMILY = 1 << 24;

/** Family, protocol and the id of a zone in one direction in one word. */
const lastWord = (key: Key, zone: number): number => {
  assert(zone >= 0 && zone <= 0xffff, 'a zone has 16 bits');
  assert(key.protocol >= 0 && key.protocol <= 0xff, 'a protocol has 8 bits');
  return (key.family << 24) | (key.protocol << 16) | zone;
};
