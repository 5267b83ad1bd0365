/**
 * Rules that count connections: each has a list of those it counted, or one for each zone, in the order in which they came.
 *
 * A list is walked packet by packet, and whatever is over is struck out on the way. What it holds are keys, looked up each
 * time, because a connection may end and another begin with its tuple.
 *
 * Source: nf_conncount.c, nft_connlimit.c.
 */
import type { Network } from '../../spec/trace/network.ts';
import { type Addresses, unuse, useAgain } from './addresses.ts';
import { assert } from './assert.ts';
import { type Connections, findHalf, type Key, setZone } from './connections.ts';
import type { Devices } from './devices.ts';
import { createKey } from './flow.ts';
import { type Limits, within } from './limits.ts';
import type { Machine } from './machine.ts';
import { float, word } from './memory.ts';
import { clearPool, createPool, giveBack, NONE, type Pool, take } from './pool.ts';
import { RECORD_WORDS, STATE } from './tcp-record.ts';
import { CLOSE, TIME_WAIT } from './tcp-states.ts';
import { TCP } from './tcp.ts';

/** A bit for each that a device has. */
const RULES_MAX = 31;

export type Counters = {
  /** The rules that count what arrives on each device, by number: a bit each. */
  readonly ofDevice: Int32Array;
  readonly most: Float64Array;
  /** 1 for a rule that counts each zone by itself. */
  readonly eachZone: Int32Array;
  rules: number;
  /** The list of a rule and a zone; those of all zones in that of zone 0. */
  readonly lists: Map<number, number>;
  readonly listsMax: number;
  readonly first: Int32Array;
  readonly last: Int32Array;
  readonly length: Int32Array;
  /** Those counted: the one behind each in its list, the key of its original half, and its zone as it was assigned. */
  readonly pool: Pool;
  readonly next: Int32Array;
  readonly words: Int32Array;
  readonly zone: Int32Array;
  /** What is looked up. One record, used again. */
  readonly key: Key;
};

export const createCounters = ({ connectionsMax, devicesMax }: Limits): Counters => ({
  ofDevice: new Int32Array(devicesMax),
  most: new Float64Array(RULES_MAX),
  eachZone: new Int32Array(RULES_MAX),
  rules: 0,
  lists: new Map(),
  listsMax: connectionsMax,
  first: new Int32Array(connectionsMax),
  last: new Int32Array(connectionsMax),
  length: new Int32Array(connectionsMax),
  pool: createPool(connectionsMax),
  next: new Int32Array(connectionsMax),
  words: new Int32Array(connectionsMax * 4),
  zone: new Int32Array(connectionsMax),
  key: createKey(),
});

/** Takes over a network's rules and forgets what was counted. Throws an Error in one sentence if it cannot play them. */
export const setCounters = (counters: Counters, { numbers }: Devices, { limits }: Network): void => {
  const rules = limits?.counters ?? [];
  within('the number of counters', rules.length, 0, RULES_MAX);
  if (counters.rules > 0) counters.ofDevice.fill(0);
  counters.rules = rules.length;
  counters.lists.clear();
  clearPool(counters.pool);
  for (const [rule, { devices, most, counts }] of rules.entries()) {
    counters.most[rule] = most;
    counters.eachZone[rule] = counts === 'each-zone' ? 1 : 0;
    for (const name of devices) {
      const device = numbers.get(name);
      if (device === undefined) throw new Error(`engine: a counter is about device ${name}, which the network does not have`);
      counters.ofDevice[device] = word(counters.ofDevice, device) | (1 << rule);
    }
  }
};

/** Whether the packet at hand, if it is one of a connection, may go on where it arrived: the first rule that says no is the last. */
export const isCounted = ({ counters, connections, flow }: Machine, device: number): boolean => {
  if (counters.rules === 0 || flow.half === NONE) return true;
  const rules = word(counters.ofDevice, device);
  const connection = flow.half >> 1;
  const isNew = flow.unconfirmed !== NONE;
  for (let rule = 0; rule < counters.rules; rule++) {
    if ((rules & (1 << rule)) === 0) continue;
    const zone = isNew ? flow.key.assigned : word(connections.zone, connection);
    const list = listFor(counters, rule, zone & 0xffff);
    if (list === NONE || !walk(counters, connections, list, connection, isNew ? flow.key : undefined, zone)) return false;
    if (word(counters.length, list) > float(counters.most, rule)) return false;
  }
  return true;
};

/** NONE if there are too many. */
const listFor = (counters: Counters, rule: number, zone: number): number => {
  const { lists, listsMax, eachZone, first, last, length } = counters;
  const name = word(eachZone, rule) === 1 ? rule * 0x10000 + zone : rule * 0x10000;
  const known = lists.get(name);
  if (known !== undefined) return known;
  if (lists.size === listsMax) return NONE;
  const list = lists.size;
  lists.set(name, list);
  first[list] = NONE;
  last[list] = NONE;
  length[list] = 0;
  return list;
};

/**
 * Strikes out what is over, up to the packet's connection; adds that if it is not there. For an assured one strikes out
 * all that is over and adds nothing. `key` is that of a connection that is not in the table yet. False if there is no room.
 */
const walk = (counters: Counters, table: Connections, list: number, connection: number, key: Key | undefined, zone: number): boolean => {
  const isAssured = key === undefined && word(table.assured, connection) === 1;
  const { words } = table.halves;
  const at = connection * 8;
  const w0 = key ? key.source : word(words, at);
  const w1 = key ? key.destination : word(words, at + 1);
  const w2 = key ? key.ports : word(words, at + 2);
  const w3 = key ? (key.family << 8) | key.protocol : word(words, at + 3) >>> 16;
  let before = NONE;
  let one = word(counters.first, list);
  while (one !== NONE) {
    const half = find(counters, table, one);
    if (!isAssured && half !== NONE && isAbout(counters, one, w0, w1, w2, w3) && originalZone(word(table.zone, half >> 1)) === originalZone(zone)) return true;
    const next = word(counters.next, one);
    if (half === NONE || isClosed(table, half >> 1)) strike(counters, table.addresses, list, before, one);
    else before = one;
    one = next;
  }
  return isAssured || add(counters, table.addresses, list, w0, w1, w2, w3, zone);
};

const originalZone = (assigned: number): number => {
  setZone(scratch, assigned);
  return scratch.zone;
};
const scratch = createKey();

/** The half in the table that has the key of one that was counted, or NONE. */
const find = ({ words, zone, key }: Counters, table: Connections, one: number): number => {
  const at = one * 4;
  key.source = word(words, at);
  key.destination = word(words, at + 1);
  key.ports = word(words, at + 2);
  key.family = word(words, at + 3) >>> 8;
  key.protocol = word(words, at + 3) & 0xff;
  setZone(key, word(zone, one));
  return findHalf(table, key);
};

const isAbout = ({ words }: Counters, one: number, w0: number, w1: number, w2: number, w3: number): boolean => {
  const at = one * 4;
  return word(words, at) === w0 && word(words, at + 1) === w1 && word(words, at + 2) === w2 && word(words, at + 3) === w3;
};

const isClosed = ({ halves, tcp }: Connections, connection: number): boolean => {
  if (((word(halves.words, connection * 8 + 3) >>> 16) & 0xff) !== TCP) return false;
  const state = word(tcp, connection * RECORD_WORDS + STATE);
  return state === TIME_WAIT || state === CLOSE;
};

const add = (counters: Counters, addresses: Addresses, list: number, w0: number, w1: number, w2: number, w3: number, zone: number): boolean => {
  const { pool, next, words, first, last, length } = counters;
  const one = take(pool);
  if (one === NONE) return false;
  words[one * 4] = w0;
  words[one * 4 + 1] = w1;
  words[one * 4 + 2] = w2;
  words[one * 4 + 3] = w3;
  counters.zone[one] = zone;
  next[one] = NONE;
  if (w3 >>> 8 === 1) {
    useAgain(addresses, w0);
    useAgain(addresses, w1);
  }
  const end = word(last, list);
  if (end === NONE) first[list] = one;
  else next[end] = one;
  last[list] = one;
  length[list] = word(length, list) + 1;
  return true;
};

/** Takes one out of its list; `before` stands before it, or it is the first. */
const strike = (counters: Counters, addresses: Addresses, list: number, before: number, one: number): void => {
  const { pool, next, words, first, last, length } = counters;
  const behind = word(next, one);
  if (before === NONE) first[list] = behind;
  else next[before] = behind;
  if (behind === NONE) last[list] = before;
  length[list] = word(length, list) - 1;
  assert(word(length, list) >= 0, 'a list holds what is struck out');
  if (word(words, one * 4 + 3) >>> 8 === 1) {
    unuse(addresses, word(words, one * 4));
    unuse(addresses, word(words, one * 4 + 1));
  }
  giveBack(pool, one);
};
