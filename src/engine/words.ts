/**
 * Connections of the table in the words of the specification. It is no hot path, so this allocates.
 */
import { type Evicted, type Listed, MOST_SECONDS } from '../../spec/trace/outcome.ts';
import type { Tuple } from '../../spec/tuple.ts';
import { text4, text6 } from './address-text.ts';
import { recall } from './addresses.ts';
import { type Connections, isFamily6, ORIGINAL_ONLY, REPLY_ONLY } from './connections.ts';
import { float, setLong, word } from './memory.ts';

const scratch = new Uint8Array(16);

const addressIn = (table: Connections, half: number, place: number): string => {
  const found = word(table.halves.words, half * 4 + place);
  if (isFamily6(table, half)) {
    recall(table.addresses, found, scratch);
    return text6(scratch);
  }
  setLong(scratch, 0, found);
  return text4(scratch);
};

/** Its zone's id, as it was assigned. */
export const zoneOf = (table: Connections, connection: number): number => word(table.zone, connection) & 0xffff;

/** Nothing is said of zone 0, which is the same in both. */
const countsOf = (assigned: number): Pick<Listed, 'counts'> => {
  if ((assigned & 0xffff) === 0) return {};
  if ((assigned & ORIGINAL_ONLY) !== 0) return { counts: 'original' };
  return (assigned & REPLY_ONLY) === 0 ? {} : { counts: 'reply' };
};

/** What a half is found by. */
export const tupleOf = (table: Connections, half: number): Tuple => {
  const [ports, last] = [word(table.halves.words, half * 4 + 2), word(table.halves.words, half * 4 + 3)];
  return {
    source: addressIn(table, half, 0),
    destination: addressIn(table, half, 1),
    protocol: (last >>> 16) & 0xff,
    sourcePort: ports >>> 16,
    destinationPort: ports & 0xffff,
  };
};

/** What a list says of it. */
export const listed = (table: Connections, connection: number, nowMs: number): Listed => ({
  ...evicted(table, connection),
  connection: float(table.label, connection),
  reply: tupleOf(table, connection * 2 + 1),
  seenReply: word(table.seenReply, connection) === 1,
  assured: word(table.assured, connection) === 1,
  confirmed: true,
  seconds: Math.min(MOST_SECONDS, Math.floor((float(table.timers.dueMs, connection) - nowMs) / 1000)),
});

/** How it is named if it ends early. */
export const evicted = (table: Connections, connection: number): Evicted => ({
  zone: zoneOf(table, connection),
  ...countsOf(word(table.zone, connection)),
  original: tupleOf(table, connection * 2),
});
