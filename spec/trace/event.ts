/**
 * What happens to a network, one event at a time. All time is virtual: it passes in `advance` and nowhere else.
 */
import type { State as SctpState } from '../sctp/association.ts';
import type { Side } from '../tcp/history.ts';
import type { State as TcpState } from '../tcp/states.ts';
import type { Tuple } from '../tuple.ts';
import type { Direction, Zone, ZoneId } from '../zone.ts';
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

/**
 * Somebody asks connection tracking itself, past all devices, as ctnetlink lets one. A filter compares ids, so it is one;
 * a tuple is looked up as a packet's is, so what stands with it is a zone.
 */
export type Control = { readonly kind: 'control'; readonly id: EventId } & Command;

export type Command =
  /** The number may be one that is no zone's, of up to 32 bits: then nothing is in it. */
  | OfZone<'flush'>
  | OfZone<'dump'>
  | OfTuple<'get'>
  | OfTuple<'delete'>
  | {
      readonly command: 'create';
      readonly original: Tuple;
      /** Usually the inverse, but anything may be asked for. */
      readonly reply: Tuple;
      readonly zone?: Zone;
      readonly besides?: Zone;
      /** 1 or more. */
      readonly timeoutMs: number;
      /** What was seen of it elsewhere; without, its protocol knows nothing of it. Another protocol's means nothing. */
      readonly protoinfo?: Protoinfo;
    }
  /** The size of the table's index, 1 or more; an implementation rounds it as it likes. */
  | { readonly command: 'resize'; readonly buckets: number };

/** The state that a protocol is to find. Source: CTA_PROTOINFO, nlattr_to_tcp(), nlattr_to_sctp(). */
export type Protoinfo =
  | { readonly kind: 'tcp'; readonly state: TcpState | 'NONE'; readonly original: TcpSide; readonly reply: TcpSide }
  /** `tags` are the verification tags that packets of each direction carry. */
  | { readonly kind: 'sctp'; readonly state: SctpState; readonly tags: Readonly<Record<Direction, number>> };

/** What can be said of one side: not how far it came. Scales count only if both sides have one. */
export type TcpSide = Pick<Side, 'sackPermitted' | 'closedFirst' | 'liberal' | 'unacknowledged'> & {
  /** 0..14, by how many bits it shifts its windows; absent if it cannot. */
  readonly scale?: number;
};

/** Without a zone: everything. */
type OfZone<Name> = { readonly command: Name; readonly zone?: ZoneId };

/**
 * Either half's tuple will do. A zone may be said for both directions, or for one beside a tuple; `besides` is said as
 * well, for other directions than the first. As these commands have one tuple, one of the two then counts in both.
 */
type OfTuple<Name> = { readonly command: Name; readonly tuple: Tuple; readonly zone?: Zone; readonly besides?: Zone };

export const COMMANDS = ['flush', 'dump', 'get', 'delete', 'create', 'resize'] as const satisfies readonly Command['command'][];

export type CommandName = (typeof COMMANDS)[number];

export type Event = Receive | Reaction | Advance | Control;

/** An event whose packet is known, which is what implementations are fed. */
export type Playable = Receive | Advance | Control;
