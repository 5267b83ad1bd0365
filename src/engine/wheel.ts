/**
 * A hierarchical timing wheel: what is due is found without looking at anything that is not.
 *
 * Level L has 64 slots of 64^L ms. A timer sits on the lowest level on which its due time and the wheel's own time lie
 * in the same turn (same multiple of 64^(L+1)). So the first slot in use of the lowest level in use is always the next
 * to look at, time jumps over everything between, and a timer moves down at most once a level. A timer on level 0 is
 * exact to the millisecond. Nine levels cover every integer a number holds, so there is no overflow list.
 *
 * A timer that is moved later stays where it is until its slot comes up (`touch`), because on the path of an established
 * connection this is one store instead of a relinking for every packet.
 *
 * Source: Varghese and Lauck, "Hashed and hierarchical timing wheels" (1987).
 */
import { assert } from './assert.ts';
import { float, word } from './memory.ts';
import { NONE } from './pool.ts';

const LEVELS = 9;
const SLOTS = 64;

export type Wheel = {
  /** First timer of each slot, id + 1; 0 is none. */
  readonly heads: Int32Array;
  /** Which slots are in use, two words a level. */
  readonly inUse: Int32Array;
  /** Neighbours in a slot's list, id + 1. */
  readonly next: Int32Array;
  readonly previous: Int32Array;
  /** The slot of each timer, + 1; 0 is none. */
  readonly slotOf: Int32Array;
  readonly dueMs: Float64Array;
  /** What dueMs was when the timer was linked; never later than dueMs. */
  readonly linkedMs: Float64Array;
  /** The wheel's own time: no slot before it is in use. */
  elapsedMs: number;
  /** No timer is due before this. */
  nextMs: number;
  /** A list of timers that are due and not handed out yet, id + 1. */
  ready: number;
};

export const createWheel = (timersMax: number): Wheel => ({
  heads: new Int32Array(LEVELS * SLOTS),
  inUse: new Int32Array(LEVELS * 2),
  next: new Int32Array(timersMax),
  previous: new Int32Array(timersMax),
  slotOf: new Int32Array(timersMax),
  dueMs: new Float64Array(timersMax),
  linkedMs: new Float64Array(timersMax),
  elapsedMs: 0,
  nextMs: Number.POSITIVE_INFINITY,
  ready: 0,
});

/** Starts a timer that is not running. */
export const arm = (wheel: Wheel, id: number, dueMs: number): void => {
  assert(word(wheel.slotOf, id) === 0, 'the timer is not running');
  wheel.dueMs[id] = dueMs;
  link(wheel, id);
};

/** Moves a running timer. */
export const touch = (wheel: Wheel, id: number, dueMs: number): void => {
  assert(word(wheel.slotOf, id) !== 0, 'the timer is running');
  wheel.dueMs[id] = dueMs;
  if (dueMs >= float(wheel.linkedMs, id)) return;
  unlink(wheel, id);
  link(wheel, id);
};

export const isRunning = (wheel: Wheel, id: number): boolean => word(wheel.slotOf, id) !== 0;

/** Stops a running timer. */
export const disarm = (wheel: Wheel, id: number): void => {
  assert(word(wheel.slotOf, id) !== 0, 'the timer is running');
  unlink(wheel, id);
};

/** A timer with dueMs <= nowMs, which is stopped by this, or NONE. To be called until NONE before time is relied on. */
export const popDue = (wheel: Wheel, nowMs: number): number => {
  if (nowMs < wheel.nextMs && wheel.ready === 0) return NONE;
  while (wheel.ready === 0) {
    const slot = firstSlot(wheel);
    const startMs = slot === NONE ? Number.POSITIVE_INFINITY : startOf(wheel, slot);
    if (startMs > nowMs) {
      wheel.elapsedMs = nowMs;
      wheel.nextMs = startMs;
      return NONE;
    }
    assert(startMs >= wheel.elapsedMs, 'the wheel turns one way');
    wheel.elapsedMs = startMs;
    drain(wheel, slot);
  }
  const id = wheel.ready - 1;
  wheel.ready = word(wheel.next, id);
  return id;
};

/** Stops all timers; their ids are below `idsUsed`. Time starts at 0 again. */
export const clearWheel = (wheel: Wheel, idsUsed: number): void => {
  wheel.heads.fill(0);
  wheel.inUse.fill(0);
  wheel.slotOf.fill(0, 0, idsUsed);
  wheel.elapsedMs = 0;
  wheel.nextMs = Number.POSITIVE_INFINITY;
  wheel.ready = 0;
};

/** Empties a slot that came up: what is due goes to the ready list, the rest to the slot of a lower level. */
const drain = (wheel: Wheel, slot: number): void => {
  for (let linked = word(wheel.heads, slot); linked !== 0; linked = word(wheel.heads, slot)) {
    const id = linked - 1;
    unlink(wheel, id);
    if (float(wheel.dueMs, id) <= wheel.elapsedMs) {
      wheel.next[id] = wheel.ready;
      wheel.ready = linked;
    } else {
      link(wheel, id);
    }
  }
};

const link = (wheel: Wheel, id: number): void => {
  const dueMs = float(wheel.dueMs, id);
  const slot = slotFor(wheel.elapsedMs, dueMs);
  const head = word(wheel.heads, slot);
  wheel.next[id] = head;
  wheel.previous[id] = 0;
  if (head !== 0) wheel.previous[head - 1] = id + 1;
  wheel.heads[slot] = id + 1;
  wheel.slotOf[id] = slot + 1;
  wheel.linkedMs[id] = dueMs;
  wheel.inUse[slot >> 5] = word(wheel.inUse, slot >> 5) | (1 << (slot & 31));
  if (dueMs < wheel.nextMs) wheel.nextMs = dueMs;
};

const unlink = (wheel: Wheel, id: number): void => {
  const slot = word(wheel.slotOf, id) - 1;
  const next = word(wheel.next, id);
  const previous = word(wheel.previous, id);
  if (next !== 0) wheel.previous[next - 1] = previous;
  if (previous !== 0) wheel.next[previous - 1] = next;
  else wheel.heads[slot] = next;
  wheel.slotOf[id] = 0;
  if (word(wheel.heads, slot) === 0) {
    wheel.inUse[slot >> 5] = word(wheel.inUse, slot >> 5) & ~(1 << (slot & 31));
  }
};

/** The slot of a due time: level * 64 + place. Multiplying by a power of two is exact, at any size of the number. */
const slotFor = (elapsedMs: number, dueMs: number): number => {
  assert(dueMs >= elapsedMs, 'nothing is due in the past');
  let level = 0;
  let due = dueMs;
  let turn = Math.floor(dueMs / SLOTS);
  let now = Math.floor(elapsedMs / SLOTS);
  while (turn !== now) {
    due = turn;
    turn = Math.floor(turn / SLOTS);
    now = Math.floor(now / SLOTS);
    level++;
  }
  assert(level < LEVELS, 'nine levels reach beyond 2^53');
  return level * SLOTS + (due - turn * SLOTS);
};

/** The first slot in use of the lowest level in use, or NONE. */
const firstSlot = (wheel: Wheel): number => {
  for (let half = 0; half < LEVELS * 2; half++) {
    const bits = word(wheel.inUse, half);
    if (bits !== 0) return half * 32 + (31 - Math.clz32(bits & -bits));
  }
  return NONE;
};

/** When a slot in use begins. */
const startOf = (wheel: Wheel, slot: number): number => {
  const spanMs = SLOTS ** (slot >> 6);
  const turnMs = spanMs * SLOTS;
  return Math.floor(wheel.elapsedMs / turnMs) * turnMs + (slot & 63) * spanMs;
};
