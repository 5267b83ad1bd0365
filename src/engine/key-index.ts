/**
 * An index from 16-byte keys to small ids: connection halves, fragment queues and sources are all found through one.
 *
 * A key is four 32-bit words with the zone folded in. Words are compared, never bytes, so the zone costs no extra load.
 * Open addressing with linear probing. Deletion shifts back what follows, so no tombstones pile up and a probe is as
 * short after a million deletions as before the first. An index begins with few slots and doubles them when half are
 * taken: a small one stays in the processor's cache, and keys meet in it often enough for a test to notice a comparison
 * that is not complete.
 */
import { assert } from './assert.ts';
import { word } from './memory.ts';
import { NONE } from './pool.ts';

/** Slots of an empty index, a power of two. */
const LEAST_SLOTS = 8;

export type KeyIndex = {
  readonly idsMax: number;
  /** Four words for each id. */
  readonly words: Int32Array;
  /** Two words for each slot: id + 1 (0 is free), and the hash, by which an id finds its place again. */
  slots: Int32Array;
  /** As large as `slots`, and empty: for growing. */
  spare: Int32Array;
  /** The slot of each id. */
  readonly slotOf: Int32Array;
  /** The slots in use, less 1. */
  mask: number;
  used: number;
};

export const createKeyIndex = (idsMax: number): KeyIndex => {
  assert(idsMax > 0, 'an index holds something');
  assert(idsMax <= 2 ** 24, 'slots are counted in 32 bits');
  // At most half full: probes stay short, and there is always a free slot to end them.
  const slotCount = Math.max(LEAST_SLOTS, 2 ** Math.ceil(Math.log2(idsMax * 2)));
  return {
    idsMax,
    words: new Int32Array(idsMax * 4),
    slots: new Int32Array(slotCount * 2),
    spare: new Int32Array(slotCount * 2),
    slotOf: new Int32Array(idsMax),
    mask: LEAST_SLOTS - 1,
    used: 0,
  };
};

/** The id of a key, or NONE. The hash only says where to begin; four words decide. */
export const findKey = (index: KeyIndex, hash: number, w0: number, w1: number, w2: number, w3: number): number => {
  const { slots, words, mask } = index;
  assert(index.used * 2 <= mask + 1, 'there is always a free slot, or probing would not end');
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const id = word(slots, slot * 2) - 1;
    if (id < 0) return NONE;
    const at = id * 4;
    if (word(words, at) === w0 && word(words, at + 1) === w1 && word(words, at + 2) === w2 && word(words, at + 3) === w3) {
      return id;
    }
  }
};

/** Adds a key that is not there under an id that has none. */
export const insertKey = (index: KeyIndex, id: number, hash: number, w0: number, w1: number, w2: number, w3: number): void => {
  assert(addKey(index, id, hash, w0, w1, w2, w3) === NONE, 'one key has one owner');
};

/** Adds a key under an id that has none, unless it is there: then nothing is done. The id that it is there under, or NONE. */
export const addKey = (index: KeyIndex, id: number, hash: number, w0: number, w1: number, w2: number, w3: number): number => {
  assert(id >= 0 && id < index.idsMax, 'the id has a place for its words');
  const owner = findKey(index, hash, w0, w1, w2, w3);
  if (owner !== NONE) return owner;
  assert(index.used < index.idsMax, 'each id is inserted once');
  index.used++;
  if (index.used * 2 > index.mask + 1) grow(index);
  place(index, id, hash);
  const { words } = index;
  words[id * 4] = w0;
  words[id * 4 + 1] = w1;
  words[id * 4 + 2] = w2;
  words[id * 4 + 3] = w3;
  return NONE;
};

/** Into the first free slot from where its hash says. */
const place = ({ slots, slotOf, mask }: KeyIndex, id: number, hash: number): void => {
  let slot = hash & mask;
  while (word(slots, slot * 2) !== 0) slot = (slot + 1) & mask;
  slots[slot * 2] = id + 1;
  slots[slot * 2 + 1] = hash;
  slotOf[id] = slot;
};

/** Twice the slots. */
const grow = (index: KeyIndex): void => {
  assert((index.mask + 1) * 4 <= index.slots.length, 'there is room for twice the slots');
  rebuild(index, index.mask * 2 + 1);
};

/** As many slots as are asked for, rounded up to a power of two, but no fewer than the keys need and no more than there are. */
export const resizeKeys = (index: KeyIndex, slots: number): void => {
  assert(slots > 0, 'an index has slots');
  const least = Math.max(LEAST_SLOTS, powerOfTwo(index.used * 2));
  rebuild(index, Math.min(Math.max(least, powerOfTwo(slots)), index.slots.length / 2) - 1);
};

const powerOfTwo = (least: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, least)));

/** The same keys in another number of slots, in the other array, which is empty. */
const rebuild = (index: KeyIndex, mask: number): void => {
  const { slots: old, mask: oldMask } = index;
  index.slots = index.spare;
  index.spare = old;
  index.mask = mask;
  for (let slot = 0; slot <= oldMask; slot++) {
    const id = word(old, slot * 2) - 1;
    if (id >= 0) place(index, id, word(old, slot * 2 + 1));
  }
  old.fill(0, 0, (oldMask + 1) * 2);
};

/** Whether an id that has a key is the one that is found by it. */
export const isIndexed = ({ slots, slotOf }: KeyIndex, id: number): boolean => word(slots, word(slotOf, id) * 2) === id + 1;

/** Gives the key of one id, which is found no more, to another, which is not in the index. */
export const replaceKey = (index: KeyIndex, id: number, other: number): void => {
  const { slots, slotOf, words } = index;
  assert(isIndexed(index, id), 'the id is in the index');
  const slot = word(slotOf, id);
  slots[slot * 2] = other + 1;
  slotOf[other] = slot;
  words.copyWithin(other * 4, id * 4, id * 4 + 4);
};

/** Removes the key of an id. */
export const removeKey = (index: KeyIndex, id: number): void => {
  const { slots, slotOf, mask } = index;
  let hole = word(slotOf, id);
  assert(word(slots, hole * 2) === id + 1, 'the id is in the index');
  for (let slot = (hole + 1) & mask; ; slot = (slot + 1) & mask) {
    const moved = word(slots, slot * 2) - 1;
    if (moved < 0) break;
    const hash = word(slots, slot * 2 + 1);
    // A probe for it starts at hash & mask. If that is behind the hole, the probe never meets the hole: it stays.
    if (((slot - hash) & mask) < ((slot - hole) & mask)) continue;
    slots[hole * 2] = moved + 1;
    slots[hole * 2 + 1] = hash;
    slotOf[moved] = hole;
    hole = slot;
  }
  slots[hole * 2] = 0;
  index.used--;
  assert(index.used >= 0, 'nothing is removed that was not inserted');
};

/** Empties the index; all its ids are below `idsUsed`. Costs that many steps, whatever the capacity. */
export const clearKeys = (index: KeyIndex, idsUsed: number): void => {
  assert(idsUsed <= index.idsMax, 'no more ids were used than there are');
  // Also frees the last slots of ids that were removed, as far as there are such: harmless, as everything goes.
  for (let id = 0; id < idsUsed; id++) index.slots[word(index.slotOf, id) * 2] = 0;
  index.used = 0;
  index.mask = LEAST_SLOTS - 1;
};
