/**
 * Defragmentation of IPv4, and the store in which fragments of IPv6 wait as well (fragments6.ts): fragments wait in queues
 * until they tile a datagram.
 *
 * What is covered is kept in bits, one for each 8 bytes, since offsets are multiples of 8 and every end but the
 * datagram's own is. So a fragment is placed in time proportional to its length, however many came before: a search
 * through a list would let tiny fragments in bad order make each other slow (CVE-2018-5391).
 *
 * Source: ip_fragment.c ip_frag_queue(), inet_fragment.c inet_frag_queue_insert(); RFC 791, RFC 5722 (overlaps).
 */
import { type Addresses, unuse, useAgain } from './addresses.ts';
import { assert } from './assert.ts';
import { everyBit, nextBit, setBit, setBits, someBits } from './bits.ts';
import { hashKey } from './hash.ts';
import type { Header } from './header.ts';
import { DF, readHeader } from './header.ts';
import { clearKeys, createKeyIndex, findKey, insertKey, removeKey, type KeyIndex } from './key-index.ts';
import { DATAGRAM6_BYTES_MAX, DATAGRAM_BYTES_MAX, PAGE_BYTES, PIECES_MAX, type Limits } from './limits.ts';
import { copyBytes, float, setShort, word } from './memory.ts';
import { clearPages, createPages, freePages, hasRoom, HEADER_AT, readBytes, writeBytes, type Pages } from './pages.ts';
import { clearPool, createPool, giveBack, NONE, take, type Pool } from './pool.ts';
import { clearSources, countFragment, createSources, joinSource, leaveSource, type Sources } from './sources.ts';
import { arm, clearWheel, createWheel, disarm, popDue, type Wheel } from './wheel.ts';

/** Words of one set of 8-byte blocks: the last block begins below 65528 + 65515 = 131043. */
const SET_WORDS = 512;
/** A queue has three sets, one behind the other: blocks covered, blocks where a run, and where a fragment begins. */
const RUNS = SET_WORDS;
const STARTS = SET_WORDS * 2;
const QUEUE_WORDS = SET_WORDS * 3;

const HEADER_BYTES_MAX = 60;

type FragmentSettings = {
  timeoutMs: number;
  /** The same for IPv6. */
  timeout6Ms: number;
  /** Fragments of one source between two of one queue; 0 is no limit. */
  distance: number;
  /** Payload bytes of all queues of an IP version above which a fragment is refused; 0 is no limit. */
  memoryBytes: number;
};

/** A datagram put together: bytes, and the pieces that it came in. */
export type Datagram = {
  readonly bytes: Uint8Array;
  readonly pieceOffset: Int32Array;
  readonly pieceLength: Int32Array;
  pieces: number;
  /** Bytes of the largest fragment that it came in, with its own header. */
  largest: number;
  /** IPv6: bytes before the fragment header of the first piece. */
  firstHeader: number;
  /** Where the fragment at offset 0 arrived. */
  firstDevice: number;
  /** Where the fragment arrived that came last. */
  device: number;
};

export type Fragments = {
  readonly pool: Pool;
  readonly index: KeyIndex;
  readonly timers: Wheel;
  readonly pages: Pages;
  readonly sources: Sources;
  readonly settings: FragmentSettings;
  readonly datagram: Datagram;
  readonly addresses: Addresses;
  readonly hashSeed: number;
  /** Payload bytes of all queues. */
  heldBytes: number;
  heldBytes6: number;
  // For each queue:
  readonly blocks: Int32Array;
  readonly headers: Uint8Array;
  /** 0 until the fragment at offset 0 was seen. */
  readonly headerLength: Int32Array;
  /** IPv6: where in the header the next one is named, and what is to stand there. */
  readonly nextAt: Int32Array;
  readonly next: Int32Array;
  /** The datagram's payload as far as known; final once the last fragment was seen. */
  readonly length: Int32Array;
  readonly lastSeen: Int32Array;
  /** Bytes inserted. */
  readonly meat: Int32Array;
  /** The end of what was inserted. */
  readonly tailEnd: Int32Array;
  readonly firstDevice: Int32Array;
  readonly device: Int32Array;
  /** A bit for each ECN codepoint seen. */
  readonly ecn: Int32Array;
  readonly maxSize: Int32Array;
  readonly maxDfSize: Int32Array;
  /** The source's counter, + 1; 0 without a distance limit. */
  readonly source: Int32Array;
  /** The counter at this queue's last fragment. */
  readonly countAtLast: Float64Array;
};

/**
 * What became of a fragment. Held: it waits, or was a duplicate. Killed: its queue died with it. Full: a limit refused
 * it, and queues are as before. `complete`: the datagram is in `fragments.datagram` and the queue is gone.
 */
export type Gathered = 'fragment-held' | 'fragment-killed' | 'fragments-full' | 'complete';

export const createFragments = (limits: Limits, addresses: Addresses): Fragments => {
  const { queuesMax, fragmentBytesMax, hashSeed } = limits;
  return {
    pool: createPool(queuesMax),
    index: createKeyIndex(queuesMax),
    timers: createWheel(queuesMax),
    pages: createPages(queuesMax, fragmentBytesMax / PAGE_BYTES),
    sources: createSources(queuesMax, hashSeed),
    settings: { timeoutMs: 0, timeout6Ms: 0, distance: 0, memoryBytes: 0 },
    datagram: {
      bytes: new Uint8Array(DATAGRAM6_BYTES_MAX),
      pieceOffset: new Int32Array(PIECES_MAX),
      pieceLength: new Int32Array(PIECES_MAX),
      pieces: 0,
      largest: 0,
      firstHeader: 0,
      firstDevice: 0,
      device: 0,
    },
    addresses,
    hashSeed,
    heldBytes: 0,
    heldBytes6: 0,
    blocks: new Int32Array(queuesMax * QUEUE_WORDS),
    headers: new Uint8Array(queuesMax * HEADER_BYTES_MAX),
    headerLength: new Int32Array(queuesMax),
    nextAt: new Int32Array(queuesMax),
    next: new Int32Array(queuesMax),
    length: new Int32Array(queuesMax),
    lastSeen: new Int32Array(queuesMax),
    meat: new Int32Array(queuesMax),
    tailEnd: new Int32Array(queuesMax),
    firstDevice: new Int32Array(queuesMax),
    device: new Int32Array(queuesMax),
    ecn: new Int32Array(queuesMax),
    maxSize: new Int32Array(queuesMax),
    maxDfSize: new Int32Array(queuesMax),
    source: new Int32Array(queuesMax),
    countAtLast: new Float64Array(queuesMax),
  };
};

/** Takes one fragment, admitted before, that arrived on `device`. On `complete` the header is the datagram's. */
export const gather = (
  store: Fragments,
  bytes: Uint8Array,
  header: Header,
  zone: number,
  device: number,
  nowMs: number,
): Gathered => {
  const { settings } = store;
  if (settings.memoryBytes > 0 && store.heldBytes > settings.memoryBytes) return 'fragments-full';
  if (!hasRoom(store.pages, header.totalLength - header.headerLength)) return 'fragments-full';
  assert(zone >= 0 && zone <= 0xffff, 'a zone has 16 bits');
  const queue = openQueue(store, header.source, header.destination, (header.id << 16) | header.protocol, zone, nowMs + settings.timeoutMs);
  if (queue === NONE) return 'fragments-full';
  if (settings.distance > 0 && isTooFar(store, queue)) {
    emptyQueue(store, queue);
    disarm(store.timers, queue);
    arm(store.timers, queue, nowMs + settings.timeoutMs);
  }
  const end = extend(store, queue, header);
  if (end <= header.offset) return kill(store, queue);
  const { headerLength } = header;
  const place = placeFragment(store, queue, bytes, headerLength, end, header, headerLength + end - header.offset, device);
  if (place === 'duplicate') return 'fragment-held';
  if (place === 'overlap') return kill(store, queue);
  if (header.offset === 0) {
    store.headerLength[queue] = headerLength;
    copyBytes(bytes, 0, store.headers, queue * HEADER_BYTES_MAX, headerLength);
  }
  if (!isComplete(store, queue)) return 'fragment-held';
  const whole = assemble(store, queue, header);
  removeQueue(store, queue);
  return whole ? 'complete' : 'fragment-killed';
};

/** Removes every queue that is due. */
export const expireFragments = (store: Fragments, nowMs: number): void => {
  for (let due = popDue(store.timers, nowMs); due !== NONE; due = popDue(store.timers, nowMs)) freeQueue(store, due);
};

/** Empties the store at the cost of what was in use. */
export const clearFragments = (store: Fragments): void => {
  const used = store.pool.fresh;
  for (let queue = 0; queue < used; queue++) clearBlocks(store, queue);
  clearPages(store.pages, used);
  clearKeys(store.index, used);
  clearWheel(store.timers, used);
  clearSources(store.sources);
  clearPool(store.pool);
  store.heldBytes = 0;
  store.heldBytes6 = 0;
};

/** In the last word of a queue's key: it is of IPv6, whose addresses are numbers. */
export const FAMILY_6 = 1 << 28;

/** The queue of this key, a new one if there is none; NONE if there are too many. */
export const openQueue = (store: Fragments, source: number, destination: number, third: number, last: number, dueMs: number): number => {
  const hash = hashKey(store.hashSeed, source, destination, third, last);
  const known = findKey(store.index, hash, source, destination, third, last);
  if (known !== NONE) return known;
  const queue = take(store.pool);
  if (queue === NONE) return NONE;
  insertKey(store.index, queue, hash, source, destination, third, last);
  arm(store.timers, queue, dueMs);
  const isIpv6 = (last & FAMILY_6) !== 0;
  store.source[queue] = store.settings.distance > 0 && !isIpv6 ? joinSource(store.sources, source) + 1 : 0;
  if (isIpv6) {
    useAgain(store.addresses, source);
    useAgain(store.addresses, destination);
  }
  // A queue that starts anew for its distance keeps these two (ip_frag_reinit).
  store.maxSize[queue] = 0;
  store.maxDfSize[queue] = 0;
  startQueue(store, queue);
  return queue;
};

const isOfIpv6 = (store: Fragments, queue: number): boolean => (word(store.index.words, queue * 4 + 3) & FAMILY_6) !== 0;

/** Counts the fragment, and says whether too many others came since this queue's last one. */
const isTooFar = (store: Fragments, queue: number): boolean => {
  const count = countFragment(store.sources, word(store.source, queue) - 1);
  const since = count - float(store.countAtLast, queue);
  store.countAtLast[queue] = count;
  return word(store.meat, queue) > 0 && since > store.settings.distance;
};

/**
 * Learns from a fragment how long the datagram is. Returns the fragment's end, cut to a multiple of 8 if more follow;
 * or 0, which is no fragment's end, if it contradicts what is known.
 */
const extend = (store: Fragments, queue: number, header: Header): number => {
  const known = word(store.length, queue);
  const final = word(store.lastSeen, queue) === 1;
  const end = header.offset + header.totalLength - header.headerLength;
  if (!header.mf) {
    if (end < known || (final && end !== known)) return 0;
    // Kept even if the fragment turns out to be a duplicate.
    store.lastSeen[queue] = 1;
    store.length[queue] = end;
    return end;
  }
  const cut = end & ~7;
  if (cut > known) {
    if (final) return 0;
    store.length[queue] = cut;
  }
  return cut;
};

/**
 * Where a fragment goes among the runs. A run grows at the far end only; what fills a gap is a run of its own, even if
 * it touches others, so a fragment that lies in two runs overlaps and is no duplicate.
 */
const placeOf = (store: Fragments, queue: number, offset: number, end: number): 'append' | 'new run' | 'duplicate' | 'overlap' => {
  const tailEnd = word(store.tailEnd, queue);
  if (tailEnd < end) {
    if (offset < tailEnd) return 'overlap';
    return offset === tailEnd && tailEnd > 0 ? 'append' : 'new run';
  }
  const base = queue * QUEUE_WORDS;
  const from = offset / 8;
  const to = blocksOf(end);
  if (!someBits(store.blocks, base, from, to)) return 'new run';
  const inside = everyBit(store.blocks, base, from, to) && !someBits(store.blocks, base + RUNS, from + 1, to);
  return inside ? 'duplicate' : 'overlap';
};

/**
 * Finds a fragment's place and puts it there: its data, which begins at `start` of `bytes` and reaches to `end` of the
 * datagram. `size` are its bytes with all headers.
 */
export const placeFragment = (
  store: Fragments,
  queue: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  header: Header,
  size: number,
  device: number,
): 'placed' | 'duplicate' | 'overlap' => {
  const { offset } = header;
  const place = placeOf(store, queue, offset, end);
  if (place === 'duplicate' || place === 'overlap') return place;
  const length = end - offset;
  const base = queue * QUEUE_WORDS;
  setBits(store.blocks, base, offset / 8, blocksOf(end));
  if (place === 'new run') setBit(store.blocks, base + RUNS, offset / 8);
  setBit(store.blocks, base + STARTS, offset / 8);
  // What ends beyond any datagram can never leave, so only its place is kept.
  if (end <= DATAGRAM_BYTES_MAX) writeBytes(store.pages, queue, offset, bytes, start, length);
  hold(store, queue, length);
  store.meat[queue] = word(store.meat, queue) + length;
  store.tailEnd[queue] = Math.max(word(store.tailEnd, queue), end);
  store.device[queue] = device;
  store.ecn[queue] = word(store.ecn, queue) | (1 << (header.tos & 3));
  store.maxSize[queue] = Math.max(word(store.maxSize, queue), size);
  if (header.df) store.maxDfSize[queue] = Math.max(word(store.maxDfSize, queue), size);
  if (offset === 0) store.firstDevice[queue] = device;
  return 'placed';
};

/** So many bytes more, or less, are held of the queue's IP version. */
const hold = (store: Fragments, queue: number, bytes: number): void => {
  if (isOfIpv6(store, queue)) store.heldBytes6 += bytes;
  else store.heldBytes += bytes;
  assert(store.heldBytes >= 0 && store.heldBytes6 >= 0, 'bytes are counted once');
};

export const isComplete = (store: Fragments, queue: number): boolean =>
  word(store.headerLength, queue) > 0 &&
  word(store.lastSeen, queue) === 1 &&
  word(store.meat, queue) === word(store.length, queue);

/** Puts a complete queue's datagram together; false if there can be none: its ECN contradicts itself, or it is too long. */
const assemble = (store: Fragments, queue: number, header: Header): boolean => {
  const { datagram } = store;
  const headerLength = word(store.headerLength, queue);
  const length = word(store.length, queue);
  const ecn = word(store.ecn, queue);
  if (isEcnMixed(ecn) || headerLength + length > DATAGRAM_BYTES_MAX) return false;
  copyBytes(store.headers, queue * HEADER_BYTES_MAX, datagram.bytes, 0, headerLength);
  readBytes(store.pages, queue, 0, datagram.bytes, headerLength, length);
  setShort(datagram.bytes, 2, headerLength + length);
  setShort(datagram.bytes, 6, word(store.maxDfSize, queue) === word(store.maxSize, queue) ? DF : 0);
  if (isCongested(ecn)) datagram.bytes[1] = (datagram.bytes[1] ?? 0) | CONGESTED;
  readHeader(datagram.bytes, header);
  recallPieces(store, queue, length);
  return true;
};

/**
 * How a datagram came: devices, the largest piece, and the geometry: a piece reaches to where the next begins, as there
 * are no holes.
 */
export const recallPieces = (store: Fragments, queue: number, length: number): void => {
  const { datagram } = store;
  const base = queue * QUEUE_WORDS + STARTS;
  const blocks = blocksOf(length);
  let pieces = 0;
  for (let start = 0; start < blocks; ) {
    const next = nextBit(store.blocks, base, start + 1, blocks);
    assert(pieces < PIECES_MAX, 'a datagram has no more pieces than blocks');
    datagram.pieceOffset[pieces] = start * 8;
    datagram.pieceLength[pieces] = Math.min(next * 8, length) - start * 8;
    pieces++;
    start = next;
  }
  datagram.pieces = pieces;
  datagram.largest = word(store.maxSize, queue);
  datagram.firstDevice = word(store.firstDevice, queue);
  datagram.device = word(store.device, queue);
};

/** The ECN codepoint "congestion experienced". */
const CONGESTED = 3;
/** Sets of codepoints, a bit for each: without ECN (00), ECT(1) (01), ECT(0) (10), CE (11). Source: RFC 3168, section 5.3. */
export const isEcnMixed = (seen: number): boolean => (seen & 0b0001) !== 0 && seen !== 0b0001;
export const isCongested = (seen: number): boolean => (seen & 0b1000) !== 0 && (seen & 0b0110) !== 0;

/** 8-byte blocks up to an end in bytes. */
const blocksOf = (end: number): number => Math.ceil(end / 8);

export const kill = (store: Fragments, queue: number): 'fragment-killed' => {
  removeQueue(store, queue);
  return 'fragment-killed';
};

export const removeQueue = (store: Fragments, queue: number): void => {
  disarm(store.timers, queue);
  freeQueue(store, queue);
};

/** Frees a queue whose timer is stopped. */
const freeQueue = (store: Fragments, queue: number): void => {
  emptyQueue(store, queue);
  const source = word(store.source, queue) - 1;
  if (source >= 0) leaveSource(store.sources, source);
  if (isOfIpv6(store, queue)) {
    unuse(store.addresses, word(store.index.words, queue * 4));
    unuse(store.addresses, word(store.index.words, queue * 4 + 1));
  }
  removeKey(store.index, queue);
  giveBack(store.pool, queue);
};

/** Drops what a queue holds. It is still found by its key. */
const emptyQueue = (store: Fragments, queue: number): void => {
  freePages(store.pages, queue, 0, word(store.tailEnd, queue));
  freePages(store.pages, queue, HEADER_AT, isOfIpv6(store, queue) ? word(store.headerLength, queue) : 0);
  hold(store, queue, -word(store.meat, queue));
  clearBlocks(store, queue);
  startQueue(store, queue);
};

/** The fields of a queue that holds nothing. */
const startQueue = (store: Fragments, queue: number): void => {
  store.headerLength[queue] = 0;
  store.length[queue] = 0;
  store.lastSeen[queue] = 0;
  store.meat[queue] = 0;
  store.tailEnd[queue] = 0;
  store.ecn[queue] = 0;
};

/** Clears as much of a queue's sets as was used. */
const clearBlocks = (store: Fragments, queue: number): void => {
  const used = Math.ceil(blocksOf(word(store.tailEnd, queue)) / 32);
  for (let base = queue * QUEUE_WORDS; base < (queue + 1) * QUEUE_WORDS; base += SET_WORDS) {
    store.blocks.fill(0, base, base + used);
  }
};
