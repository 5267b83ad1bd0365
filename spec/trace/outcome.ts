/**
 * What an observer outside an implementation sees of one event.
 */
import type { Tuple } from '../tuple.ts';
import type { Direction, ZoneId } from '../zone.ts';
import type { EventId } from './event.ts';
import type { DeviceName } from './network.ts';
import type { Packet } from './packet.ts';

/** Names a connection within one run. Only equality means anything. */
export type Label = number;

/** What connection tracking said of a packet on one pass. Invalid and untracked packets have no connection, so no zone. */
export type Tracked =
  | {
      readonly state: 'new' | 'established' | 'related';
      readonly zone: ZoneId;
      readonly direction: Direction;
      readonly connection: Label;
      /** What was made of the connection, if this was its first packet, the network translates, and it was confirmed. */
      readonly bound?: Bound;
    }
  | { readonly state: 'invalid' }
  | { readonly state: 'untracked' };

/** A connection's two tuples, which no longer are each other's inverse if it is translated. */
export type Bound = { readonly original: Tuple; readonly reply: Tuple };

/** One datagram that left, in the pieces it left in, in their order. A whole datagram is one piece. */
export type Departure = { readonly device: DeviceName; readonly pieces: readonly Packet[] };

/** A connection as control lists it. */
export type Listed = {
  readonly connection: Label;
  /** The id as it was assigned, whatever the directions it counts in. */
  readonly zone: ZoneId;
  /** The one direction in which it counts; absent if that is both, and of zone 0. */
  readonly counts?: Direction;
  readonly original: Tuple;
  readonly reply: Tuple;
  /** False also where an implementation does not say. */
  readonly seenReply: boolean;
  /** Worth keeping when others have to go: its protocol saw that both ends mean it. */
  readonly assured: boolean;
  readonly confirmed: boolean;
  /** Whole seconds until it expires, rounded down; MOST_SECONDS if there are more. */
  readonly seconds: number;
};

/** A connection that ended before its time because the table was full, as a list names it. */
export type Evicted = Pick<Listed, 'zone' | 'counts' | 'original'>;

/** An hour: what is longer, a clock that is turned may not be able to hold. */
export const MOST_SECONDS = 3600;

/** Linux: EEXIST, ENOENT, EINVAL, ENOMEM. */
export type Refusal = 'exists' | 'missing' | 'invalid' | 'memory';

/** What control says to a command. The order of a list means nothing. */
export type Told =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly why: Refusal }
  | { readonly kind: 'list'; readonly connections: readonly Listed[] };

export type Outcome = {
  readonly event: EventId;
  /** In the order of the passes; empty where tracking was not reached: a fragment was held, or a packet refused before. */
  readonly passes: readonly Tracked[];
  /** Empty where nothing left. */
  readonly left: readonly Departure[];
  /** To a control event, and to no other. */
  readonly told?: Told;
  /** Who ended for the sake of a new connection; only where the table has a limit and was full. Their order means nothing. */
  readonly evicted?: readonly Evicted[];
  /** The answer had nothing to answer. */
  readonly skipped?: true;
};
