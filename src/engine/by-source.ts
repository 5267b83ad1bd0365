/**
 * Connections by where they come from: what a source was translated to once, it is to be translated to again.
 *
 * All connections of one source, protocol and zone make a list, the latest first; the first one is found by its key.
 *
 * Source: nf_nat_core.c nf_nat_bysource, find_appropriate_src().
 */
import { hashKey } from './hash.ts';
import { clearKeys, createKeyIndex, findKey, insertKey, type KeyIndex, removeKey } from './key-index.ts';
import { word } from './memory.ts';
import { NONE } from './pool.ts';

export type BySource = {
  readonly heads: KeyIndex;
  readonly next: Int32Array;
  readonly before: Int32Array;
  /** 1 for what is in a list. */
  readonly listed: Int32Array;
  readonly hashSeed: number;
};

export const createBySource = (connectionsMax: number, hashSeed: number): BySource => ({
  heads: createKeyIndex(connectionsMax),
  next: new Int32Array(connectionsMax),
  before: new Int32Array(connectionsMax),
  listed: new Int32Array(connectionsMax),
  hashSeed,
});

/** The latest connection of a source, or NONE. */
export const latestOf = ({ heads, hashSeed }: BySource, address: number, port: number, protocol: number, zone: number): number =>
  findKey(heads, hashKey(hashSeed, address, port, protocol, zone), address, port, protocol, zone);

/** The one before it in time, or NONE. */
export const earlierThan = ({ next }: BySource, connection: number): number => word(next, connection);

export const list = (sources: BySource, connection: number, address: number, port: number, protocol: number, zone: number): void => {
  const { heads, hashSeed, next, before, listed } = sources;
  const last = latestOf(sources, address, port, protocol, zone);
  if (last !== NONE) {
    removeKey(heads, last);
    before[last] = connection;
  }
  next[connection] = last;
  before[connection] = NONE;
  listed[connection] = 1;
  insertKey(heads, connection, hashKey(hashSeed, address, port, protocol, zone), address, port, protocol, zone);
};

/** Takes a connection out, if it is in. */
export const unlist = ({ heads, hashSeed, next, before, listed }: BySource, connection: number): void => {
  if (word(listed, connection) === 0) return;
  listed[connection] = 0;
  const [later, earlier] = [word(before, connection), word(next, connection)];
  if (earlier !== NONE) before[earlier] = later;
  if (later !== NONE) {
    next[later] = earlier;
    return;
  }
  removeKey(heads, connection);
  if (earlier === NONE) return;
  const at = connection * 4;
  const [address, port, protocol, zone] = [word(heads.words, at), word(heads.words, at + 1), word(heads.words, at + 2), word(heads.words, at + 3)];
  insertKey(heads, earlier, hashKey(hashSeed, address, port, protocol, zone), address, port, protocol, zone);
};

/** Empties the lists; all connections in them are below `idsUsed`. */
export const clearBySource = ({ heads, listed }: BySource, idsUsed: number): void => {
  clearKeys(heads, idsUsed);
  listed.fill(0, 0, idsUsed);
};
