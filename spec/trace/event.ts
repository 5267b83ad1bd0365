/**
 * What happens to a network, one event at a time. All time is virtual: it passes in `advance` and nowhere else.
 */
import type { DeviceName } from './network.ts';
import type { Packet } from './packet.ts';

/** Unique in a trace, 0 or more; survives reduction, so an event keeps its name. */
export type EventId = number;

/** A packet arrives on a device. */
export type Receive = { readonly kind: 'receive'; readonly id: EventId; readonly device: DeviceName; readonly packet: Packet };

/**
 * The protocol's smallest answer to what left at an earlier event, arriving where that left. It is resolved while
 * running, from the subject's own outcome, because what left may carry the subject's choice. If nothing left, the
 * event is skipped.
 */
export type Answer = { readonly kind: 'answer'; readonly id: EventId; readonly to: EventId };

/**
 * An ICMP error about what left at an earlier event (spec/trace/error.ts), arriving where that left. Resolved while
 * running, and skipped if nothing left, as an answer is.
 */
export type IcmpError = {
  readonly kind: 'error';
  readonly id: EventId;
  readonly to: EventId;
  /** 0..255. */
  readonly type: number;
  /** 0..255. */
  readonly code: number;
};

/** What is made of what left at the event that it is a reaction to. */
export type Reaction = Answer | IcmpError;

/** Time passes. */
export type Advance = { readonly kind: 'advance'; readonly id: EventId; readonly milliseconds: number };

export type Event = Receive | Reaction | Advance;

/** An event whose packet is known, which is what implementations are fed. */
export type Playable = Receive | Advance;
