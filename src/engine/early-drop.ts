/**
 * Early drop: where the network's table is full, a connection that is not assured ends for the sake of a new one.
 *
 * The victim is the first that is found among a few, from a place on that the seed and the new one's tuple give, not its
 * zone. So it costs no more in a large table, and may find none.
 *
 * Source: nf_conntrack_core.c early_drop().
 */
import { assert } from './assert.ts';
import { type Connections, end, isConfirmed, type Key } from './connections.ts';
import { hashKey } from './hash.ts';
import { word } from './memory.ts';
import { inUse } from './pool.ts';
import { evicted } from './words.ts';

/** As many connections are looked at for a victim. */
const LOOKED_AT = 8;

/** Whether there is room for one more connection of this key, by now. Whoever had to go is in `table.evicted`. */
export const makeRoom = (table: Connections, key: Key): boolean => {
  const { pool, settings, hashSeed, assured } = table;
  if (inUse(pool) < settings.connectionsMax) return true;
  assert(pool.fresh > 0, 'a full table holds something');
  const start = hashKey(hashSeed, key.source, key.destination, key.ports, key.protocol) >>> 0;
  for (let turn = 0; turn < Math.min(LOOKED_AT, pool.fresh); turn++) {
    const victim = (start + turn) % pool.fresh;
    if (!isConfirmed(table, victim) || word(assured, victim) !== 0) continue;
    table.evicted.push(evicted(table, victim));
    end(table, victim);
    return true;
  }
  return false;
};
