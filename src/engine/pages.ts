/**
 * Memory for datagrams that wait for fragments: pages of 1 KiB, each at its place in the datagram.
 *
 * Fragments of one queue never overlap, so a byte's place is its offset and a whole datagram is read front to back,
 * whatever order it came in.
 */
import { assert } from './assert.ts';
import { PAGE_BYTES } from './limits.ts';
import { copyBytes, word } from './memory.ts';
import { available, clearPool, createPool, giveBack, NONE, take, type Pool } from './pool.ts';

/** Pages of one datagram: 64 for what is cut into fragments, and as many for the headers in front of it in IPv6. */
const TABLE = 128;

/** Where those headers are kept, as if it were an offset. */
export const HEADER_AT = (TABLE / 2) * PAGE_BYTES;

export type Pages = {
  readonly pool: Pool;
  readonly bytes: Uint8Array;
  /** TABLE words for each queue: page + 1, or 0. */
  readonly table: Int32Array;
};

export const createPages = (queuesMax: number, pagesMax: number): Pages => ({
  pool: createPool(pagesMax),
  bytes: new Uint8Array(pagesMax * PAGE_BYTES),
  table: new Int32Array(queuesMax * TABLE),
});

/** Whether a fragment of this many bytes certainly has room, wherever it begins. */
export const hasRoom = (pages: Pages, length: number): boolean =>
  available(pages.pool) >= Math.ceil(length / PAGE_BYTES) + 1;

/** Stores bytes at an offset of a queue's datagram. There must be room. */
export const writeBytes = (
  pages: Pages,
  queue: number,
  offset: number,
  from: Uint8Array,
  start: number,
  length: number,
): void => {
  assert(offset + length <= TABLE * PAGE_BYTES, 'only what a datagram can hold is stored');
  for (let done = 0; done < length; ) {
    const place = offset + done;
    const part = Math.min(length - done, PAGE_BYTES - (place % PAGE_BYTES));
    const entry = queue * TABLE + Math.floor(place / PAGE_BYTES);
    const page = word(pages.table, entry) === 0 ? newPage(pages, entry) : word(pages.table, entry) - 1;
    copyBytes(from, start + done, pages.bytes, page * PAGE_BYTES + (place % PAGE_BYTES), part);
    done += part;
  }
};

/** Copies `length` bytes of a queue from a page's beginning on, all of which were written. */
export const readBytes = (pages: Pages, queue: number, from: number, to: Uint8Array, at: number, length: number): void => {
  assert(from % PAGE_BYTES === 0, 'reading begins with a page');
  for (let done = 0; done < length; done += PAGE_BYTES) {
    const page = word(pages.table, queue * TABLE + (from + done) / PAGE_BYTES) - 1;
    assert(page >= 0, 'every byte of a whole datagram was written');
    copyBytes(pages.bytes, page * PAGE_BYTES, to, at + done, Math.min(PAGE_BYTES, length - done));
  }
};

/** Gives back a queue's pages of `length` bytes from a page's beginning on. */
export const freePages = (pages: Pages, queue: number, from: number, length: number): void => {
  const first = queue * TABLE + from / PAGE_BYTES;
  const end = first + Math.min(TABLE / 2, Math.ceil(length / PAGE_BYTES));
  for (let entry = first; entry < end; entry++) {
    const page = word(pages.table, entry) - 1;
    if (page < 0) continue;
    giveBack(pages.pool, page);
    pages.table[entry] = 0;
  }
};

/** Takes all pages back from queues below `queuesUsed`. */
export const clearPages = (pages: Pages, queuesUsed: number): void => {
  pages.table.fill(0, 0, queuesUsed * TABLE);
  clearPool(pages.pool);
};

const newPage = (pages: Pages, entry: number): number => {
  const page = take(pages.pool);
  assert(page !== NONE, 'there is room, asked before');
  pages.table[entry] = page + 1;
  return page;
};
