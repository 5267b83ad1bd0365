/**
 * IPv6 addresses as numbers: each that somebody uses has one, so that keys stay as short as those of IPv4.
 *
 * An address is there as long as it is used: by the packet at hand, a connection, a list of those counted or a queue of
 * fragments. There are as
 * many numbers as those can use together, so one is never missing.
 */
import { assert } from './assert.ts';
import { hashKey } from './hash.ts';
import { clearKeys, createKeyIndex, findKey, insertKey, removeKey, type KeyIndex } from './key-index.ts';
import type { Limits } from './limits.ts';
import { long, setLong, word } from './memory.ts';
import { clearPool, createPool, giveBack, NONE, take, type Pool } from './pool.ts';

export type Addresses = {
  readonly pool: Pool;
  readonly index: KeyIndex;
  readonly uses: Int32Array;
  readonly hashSeed: number;
};

export const createAddresses = ({ connectionsMax, queuesMax, hashSeed }: Limits): Addresses => {
  // Two of each half of a connection, which control may give others than the other half has; of each that is counted; of
  // each queue; and of the packet or the four of the command at hand.
  const addressesMax = (connectionsMax * 3 + queuesMax + 2) * 2;
  return { pool: createPool(addressesMax), index: createKeyIndex(addressesMax), uses: new Int32Array(addressesMax), hashSeed };
};

/** The number of the 16 bytes at `place`, used once more. */
export const use = (addresses: Addresses, bytes: Uint8Array, place: number): number => {
  const { index } = addresses;
  const w0 = long(bytes, place);
  const w1 = long(bytes, place + 4);
  const w2 = long(bytes, place + 8);
  const w3 = long(bytes, place + 12);
  const hash = hashKey(addresses.hashSeed, w0, w1, w2, w3);
  const known = findKey(index, hash, w0, w1, w2, w3);
  if (known !== NONE) {
    useAgain(addresses, known);
    return known;
  }
  const address = take(addresses.pool);
  assert(address !== NONE, 'there are as many numbers as can be used');
  insertKey(index, address, hash, w0, w1, w2, w3);
  addresses.uses[address] = 1;
  return address;
};

/** The number of the 16 bytes at `place`, or NONE if nobody uses them. */
export const numberOf = (addresses: Addresses, bytes: Uint8Array, place: number): number => {
  const w0 = long(bytes, place);
  const w1 = long(bytes, place + 4);
  const w2 = long(bytes, place + 8);
  const w3 = long(bytes, place + 12);
  return findKey(addresses.index, hashKey(addresses.hashSeed, w0, w1, w2, w3), w0, w1, w2, w3);
};

/** Writes the 16 bytes that have this number to the beginning of `bytes`. */
export const recall = ({ index }: Addresses, address: number, bytes: Uint8Array): void => {
  for (let place = 0; place < 4; place++) setLong(bytes, place * 4, word(index.words, address * 4 + place));
};

export const useAgain = (addresses: Addresses, address: number): void => {
  addresses.uses[address] = word(addresses.uses, address) + 1;
};

export const unuse = (addresses: Addresses, address: number): void => {
  const left = word(addresses.uses, address) - 1;
  assert(left >= 0, 'only what is used comes out of use');
  addresses.uses[address] = left;
  if (left > 0) return;
  removeKey(addresses.index, address);
  giveBack(addresses.pool, address);
};

export const clearAddresses = (addresses: Addresses): void => {
  clearKeys(addresses.index, addresses.pool.fresh);
  clearPool(addresses.pool);
};
