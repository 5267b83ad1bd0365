/**
 * A pool hands out ids from 0 to its limit and takes them back.
 *
 * Ids that were given back go out first, and fresh ones in order, so what is in use stays together in memory and
 * `fresh` bounds every id handed out since the last clear: clearing costs what was used.
 */
import { assert } from './assert.ts';
import { word } from './memory.ts';

export type Pool = {
  readonly limit: number;
  /** A stack of ids that were given back. */
  readonly returned: Int32Array;
  returnedCount: number;
  /** The lowest id that was never handed out. */
  fresh: number;
};

/** No id: nothing was free, or nothing was found. */
export const NONE = -1;

export const createPool = (limit: number): Pool => {
  assert(limit > 0, 'a pool holds something');
  return { limit, returned: new Int32Array(limit), returnedCount: 0, fresh: 0 };
};

/** An id that nobody else has, or NONE. */
export const take = (pool: Pool): number => {
  if (pool.returnedCount > 0) return word(pool.returned, --pool.returnedCount);
  return pool.fresh < pool.limit ? pool.fresh++ : NONE;
};

export const giveBack = (pool: Pool, id: number): void => {
  assert(id >= 0 && id < pool.fresh, 'an id comes back that was handed out');
  assert(pool.returnedCount < pool.fresh, 'no id comes back twice');
  pool.returned[pool.returnedCount++] = id;
};

/** How many ids can still be had. */
export const available = (pool: Pool): number => pool.limit - pool.fresh + pool.returnedCount;

/** How many ids are out. */
export const inUse = (pool: Pool): number => pool.fresh - pool.returnedCount;

/** Takes everything back. */
export const clearPool = (pool: Pool): void => {
  pool.fresh = 0;
  pool.returnedCount = 0;
};
