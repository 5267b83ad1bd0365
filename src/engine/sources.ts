/**
 * How many fragments came from each source address: the "distance" between two fragments of one datagram.
 *
 * The counter is one of the few things that all zones share. Only differences within a waiting queue count, so a
 * counter lives while a queue of its source does. That changes no outcome and bounds counters by queues.
 * Source: ip_fragment.c, ip_frag_too_far(), which keeps it in the inet_peer.
 */
import { assert } from './assert.ts';
import { hashKey } from './hash.ts';
import { clearKeys, createKeyIndex, findKey, insertKey, removeKey, type KeyIndex } from './key-index.ts';
import { float, word } from './memory.ts';
import { clearPool, createPool, giveBack, NONE, take, type Pool } from './pool.ts';

export type Sources = {
  readonly pool: Pool;
  readonly index: KeyIndex;
  readonly fragments: Float64Array;
  /** Queues of this source. */
  readonly queues: Int32Array;
  readonly hashSeed: number;
};

export const createSources = (queuesMax: number, hashSeed: number): Sources => ({
  pool: createPool(queuesMax),
  index: createKeyIndex(queuesMax),
  fragments: new Float64Array(queuesMax),
  queues: new Int32Array(queuesMax),
  hashSeed,
});

/** The counter of an address, for one more queue. */
export const joinSource = (sources: Sources, address: number): number => {
  const hash = hashKey(sources.hashSeed, address, 0, 0, 0);
  let source = findKey(sources.index, hash, address, 0, 0, 0);
  if (source === NONE) {
    source = take(sources.pool);
    assert(source !== NONE, 'there are as many counters as queues');
    insertKey(sources.index, source, hash, address, 0, 0, 0);
    // The counter goes on from whatever it was: only differences count.
    sources.queues[source] = 0;
  }
  sources.queues[source] = word(sources.queues, source) + 1;
  return source;
};

/** One queue less needs this counter. */
export const leaveSource = (sources: Sources, source: number): void => {
  const left = word(sources.queues, source) - 1;
  assert(left >= 0, 'only who joined leaves');
  sources.queues[source] = left;
  if (left > 0) return;
  removeKey(sources.index, source);
  giveBack(sources.pool, source);
};

/** Counts a fragment and returns how many came so far, this one included. */
export const countFragment = (sources: Sources, source: number): number => {
  const count = float(sources.fragments, source) + 1;
  sources.fragments[source] = count;
  return count;
};

export const clearSources = (sources: Sources): void => {
  clearKeys(sources.index, sources.pool.fresh);
  clearPool(sources.pool);
};
