/**
 * Defragmentation of IPv6, in the same store as that of IPv4: queues have other names and other manners.
 *
 * A queue is named without the protocol, and most fragments that do not fit are dropped alone. What is cut badly, and a
 * first fragment that lacks headers, goes on by itself.
 *
 * Source: nf_conntrack_reasm.c nf_ct_frag6_gather(), nf_ct_frag6_queue(), nf_ct_frag6_reasm(); RFC 8200, RFC 5722.
 */
import { assert } from './assert.ts';
import { isEcnMixed, isCongested, isComplete, kill, openQueue, placeFragment, recallPieces, removeQueue, FAMILY_6, type Fragments, type Gathered } from './fragments.ts';
import type { Header } from './header.ts';
import { DESTINATION, findFragment, findProtocol, FIXED, FRAGMENT, FRAGMENT_BYTES, readHeader6 } from './header6.ts';
import { PAGE_BYTES } from './limits.ts';
import { byte, long, setShort, short, word } from './memory.ts';
import { hasRoom, HEADER_AT, readBytes, writeBytes } from './pages.ts';
import { NONE } from './pool.ts';

/** `passed-on`: nothing to be gathered, the packet goes on as it is. `refused`: it does not fit, and queues are as before. */
type Gathered6 = Gathered | 'passed-on' | 'fragment-refused';

const DATA_BYTES_MAX = 65_535;

/** Takes a packet, admitted before, that arrived on `device`. On `complete` the header is the datagram's. */
export const gather6 = (store: Fragments, bytes: Uint8Array, header: Header, zone: number, device: number, nowMs: number): Gathered6 => {
  findFragment(bytes, header);
  const { fragmentAt } = header;
  if (fragmentAt === 0) return 'passed-on';
  if (fragmentAt + FRAGMENT_BYTES > header.totalLength) return findProtocol(bytes, header, FRAGMENT, fragmentAt) ? 'passed-on' : 'fragment-refused';
  readFragment(bytes, header);
  if (header.offset === 0 && lacksHeaders(bytes, header)) return 'passed-on';
  const { settings } = store;
  if (settings.memoryBytes > 0 && store.heldBytes6 > settings.memoryBytes) return 'fragments-full';
  // Headers are kept apart from data, so they may need a page more.
  if (!hasRoom(store.pages, header.totalLength + PAGE_BYTES)) return 'fragments-full';
  const scope = isLocal(bytes) ? device : 0;
  const queue = openQueue(store, header.source, header.destination, header.id, FAMILY_6 | (scope << 16) | zone, nowMs + settings.timeout6Ms);
  if (queue === NONE) return 'fragments-full';
  return take(store, queue, bytes, header, device);
};

const readFragment = (bytes: Uint8Array, header: Header): void => {
  const field = short(bytes, header.fragmentAt + 2);
  header.offset = field & 0xfff8;
  header.mf = (field & 1) === 1;
  header.id = long(bytes, header.fragmentAt + 4);
};

const TCP = 6;
const UDP = 17;
const ICMPV6 = 58;

/** Whether a first fragment holds less than all headers, the protocol's with it; where no protocol is found, it does not. */
const lacksHeaders = (bytes: Uint8Array, header: Header): boolean => {
  if (!findProtocol(bytes, header, FRAGMENT, header.fragmentAt)) return false;
  const { protocol } = header;
  const least = protocol === TCP ? 20 : protocol === UDP || protocol === ICMPV6 ? 8 : 1;
  return header.headerLength + least > header.totalLength;
};

/** An address that means something on one device only: a group, or of the link. */
const isLocal = (bytes: Uint8Array): boolean =>
  byte(bytes, DESTINATION) === 0xff || (short(bytes, DESTINATION) & 0xffc0) === 0xfe80;

const take = (store: Fragments, queue: number, bytes: Uint8Array, header: Header, device: number): Gathered6 => {
  const { offset } = header;
  const start = header.fragmentAt + FRAGMENT_BYTES;
  const end = offset + header.totalLength - start;
  if (end > DATA_BYTES_MAX) return 'fragment-refused';
  const known = word(store.length, queue);
  const final = word(store.lastSeen, queue) === 1;
  if (!header.mf) {
    if (end < known || (final && end !== known)) return 'fragment-refused';
    store.lastSeen[queue] = 1;
    store.length[queue] = end;
  } else {
    if ((end & 7) !== 0) {
      removeQueue(store, queue);
      return 'passed-on';
    }
    if (end > known) {
      if (final) return 'fragment-refused';
      store.length[queue] = end;
    }
  }
  if (end === offset) return 'fragment-refused';
  const place = placeFragment(store, queue, bytes, start, end, header, header.totalLength, device);
  if (place === 'duplicate') return 'fragment-held';
  if (place === 'overlap') return kill(store, queue);
  if (offset === 0) keepHeader(store, queue, bytes, header);
  if (!isComplete(store, queue)) return 'fragment-held';
  const whole = assemble(store, queue, header);
  removeQueue(store, queue);
  return whole ? 'complete' : 'fragment-killed';
};

/** All that stands before the fragment header, which then names what that did. */
const keepHeader = (store: Fragments, queue: number, bytes: Uint8Array, header: Header): void => {
  store.headerLength[queue] = header.fragmentAt;
  store.nextAt[queue] = header.nextAt;
  store.next[queue] = byte(bytes, header.fragmentAt);
  writeBytes(store.pages, queue, HEADER_AT, bytes, 0, header.fragmentAt);
};

/** Puts a complete queue's datagram together; false if there can be none. */
const assemble = (store: Fragments, queue: number, header: Header): boolean => {
  const { datagram } = store;
  const headerLength = word(store.headerLength, queue);
  const length = word(store.length, queue);
  const ecn = word(store.ecn, queue);
  assert(headerLength >= FIXED, 'the first fragment had a whole header');
  if (isEcnMixed(ecn) || headerLength - FIXED + length > DATA_BYTES_MAX) return false;
  readBytes(store.pages, queue, HEADER_AT, datagram.bytes, 0, headerLength);
  readBytes(store.pages, queue, 0, datagram.bytes, headerLength, length);
  datagram.bytes[word(store.nextAt, queue)] = word(store.next, queue);
  setShort(datagram.bytes, 4, headerLength - FIXED + length);
  // "Congestion experienced" is the lowest two bits of the traffic class, which begins in the middle of a byte.
  if (isCongested(ecn)) datagram.bytes[1] = byte(datagram.bytes, 1) | 0x30;
  readHeader6(datagram.bytes, header);
  recallPieces(store, queue, length);
  datagram.firstHeader = headerLength;
  return true;
};
