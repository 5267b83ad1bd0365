/**
 * What an observer outside an implementation sees of one event.
 */
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
    }
  | { readonly state: 'invalid' }
  | { readonly state: 'untracked' };

/** One datagram that left, in the pieces it left in, in their order. A whole datagram is one piece. */
export type Departure = { readonly device: DeviceName; readonly pieces: readonly Packet[] };

export type Outcome = {
  readonly event: EventId;
  /** In the order of the passes; empty where tracking was not reached: a fragment was held, or a packet refused before. */
  readonly passes: readonly Tracked[];
  /** Empty where nothing left. */
  readonly left: readonly Departure[];
  /** The answer had nothing to answer. */
  readonly skipped?: true;
};
