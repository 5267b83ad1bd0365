/**
 * The watch: what connection tracking said of the packets that were written since the last look, with labels for the
 * connections that it names.
 */
import type { Label, Tracked } from '../../../spec/trace/outcome.ts';
import { CONNTRACK_DELETE, CONNTRACK_NEW, type Conntrack, CTA_TUPLE_ORIG, CTA_TUPLE_REPLY, versionOf } from './conntrack.ts';
import { findAttribute, type NetlinkSocket } from './netlink.ts';
import type { BoundFamily } from './nat.ts';
import { LOG_MESSAGE, tapReader, type Sighting } from './tap.ts';
import { readTuple } from './tuples.ts';

export type Watch = {
  /** Reads all that has arrived, and keeps the mirror of the connections that live. */
  readonly read: () => Tracked[];
  /** The label of a connection that lives, by the kernel's id. */
  readonly labelOf: (id: number) => Label;
};

/** `translates`: of which versions of IP births tell what was made of a connection. */
export const watch = (events: NetlinkSocket, conntrack: Conntrack, translates: readonly BoundFamily[]): Watch => {
  const readTap = tapReader(events.buffer);
  /** Of the connections that live, by the kernel's id, which a later one may get again. */
  const labels = new Map<number, Label>();
  /** Of those that died since the last look. A packet that ends its connection is seen after that. */
  const dead = new Map<number, Label>();
  let last: Label = 0;
  /** The label of a packet's connection that is not announced yet. */
  let unannounced: Label | undefined;

  const tracked = (sighting: Sighting): Tracked => {
    if (!('zone' in sighting)) return sighting;
    const { state, direction, dying, zone, id } = sighting;
    const known = (dying ? dead : labels).get(id);
    if (known !== undefined) return { state, zone, direction, connection: known };
    // Not announced yet, and never if the packet goes no further.
    const begins = state === 'new' || (state === 'related' && direction === 'original');
    if (!begins || dying) throw new Error('the kernel tracked a packet by a connection that it never announced');
    last += 1;
    unannounced = last;
    return { state, zone, direction, connection: last };
  };

  const read = (): Tracked[] => {
    const found: Tracked[] = [];
    unannounced = undefined;
    dead.clear();
    events.receive((type, start, end) => {
      if (type === LOG_MESSAGE) {
        const sighting = readTap(start, end);
        if (sighting) found.push(tracked(sighting));
      } else if (type === CONNTRACK_NEW) {
        // The packet that made it was seen by the tap just before, or control made it.
        const pass = unannounced === undefined ? undefined : found.at(-1);
        if (unannounced === undefined) last += 1;
        labels.set(conntrack.born(start, end), unannounced ?? last);
        unannounced = undefined;
        if (pass && 'zone' in pass && translates.includes(versionOf(events.buffer, start))) found[found.length - 1] = { ...pass, bound: boundOf(events.buffer, start, end) };
      } else if (type === CONNTRACK_DELETE) {
        const id = conntrack.died(start, end);
        const label = labels.get(id);
        if (label !== undefined) dead.set(id, label);
        labels.delete(id);
      }
    });
    return found;
  };

  return {
    read,
    labelOf: (id) => {
      const label = labels.get(id);
      if (label === undefined) throw new Error('the kernel lists a connection that it never announced');
      return label;
    },
  };
};

const boundOf = (buffer: Buffer, start: number, end: number) => ({
  original: readTuple(buffer, findAttribute(buffer, start, end, CTA_TUPLE_ORIG)),
  reply: readTuple(buffer, findAttribute(buffer, start, end, CTA_TUPLE_REPLY)),
});
