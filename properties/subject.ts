/**
 * The contract between the suite and an implementation that it judges.
 *
 * An implementation is a black box: a network is opened, events go in, outcomes come out. Whatever it cannot do it
 * says in its capabilities; generators respect them, and what is left out is counted and shown.
 */
import type { Era } from '../spec/era.ts';
import type { Limits, Network, Timeouts } from '../spec/trace/network.ts';
import type { Outcome } from '../spec/trace/outcome.ts';
import type { CommandName, Playable } from '../spec/trace/event.ts';
import type { Trace } from '../spec/trace/trace.ts';
import type { Profile } from '../spec/profile.ts';

export type MaybePromise<T> = T | Promise<T>;

export type Capabilities = {
  /** `advance` works in multiples of this many milliseconds; false: time cannot be turned. */
  readonly clockMs: number | false;
  /** Takes IPv6 too. */
  readonly ipv6: boolean;
  /** Translates, and tells what it chose. */
  readonly nat: boolean;
  /** Of several addresses to translate to, it takes one by the zone's id, among other things. */
  readonly addressByZone: boolean;
  /** Takes any bytes, not only well-formed IP. */
  readonly rawBytes: boolean;
  /** Names connections, so `connection` labels mean something. */
  readonly labels: boolean;
  /** The control commands that it takes; none: its table cannot be reached. */
  readonly commands: readonly CommandName[];
  /** Zone ids other than 0 that it can hold, 1..65535. */
  readonly zones: {
    readonly from: number;
    readonly to: number;
    /** The largest number that a flush takes for a zone, where that is beyond 16 bits and so none. */
    readonly said?: number;
  };
  /** Takes rules that assign zones, in several ways and one behind the other, and zones that count in one direction. */
  readonly rules: boolean;
  /** The eras whose semantics it can be judged by; today's among them. */
  readonly eras: readonly Era[];
  /**
   * The limits of connections that it has, and how many of a thousand networks may get each: many, unless to play them takes
   * long.
   */
  readonly limits: Readonly<Partial<Record<keyof Limits, number>>>;
  /** The most devices that a network may have. */
  readonly devices: number;
  /** The only timeouts that it has, where they cannot be set. */
  readonly timeouts?: Timeouts;
  /** What waits for other fragments is as long as this, header included, or the last one; shorter ones go on alone. In bytes. */
  readonly leastFragment?: number;
  /** The switches by which the model has to be set to judge it. */
  readonly profile: Profile;
  /** Why a trace cannot be played here, or undefined: counted as excluded, by reason. */
  readonly excludes: (trace: Trace) => string | undefined;
  /** Why this trace's outcomes cannot be compared with the model's, or undefined: counted as not compared, by reason. */
  readonly incomparable: (trace: Trace) => string | undefined;
};

export interface Subject {
  /** As given to `--subject`. */
  readonly name: string;
  /** What was judged: a package version, a kernel release. */
  readonly version: string;
  readonly capabilities: Capabilities;
  /** A fresh session without any connection or fragment. Sessions of one subject follow each other and do not overlap. */
  open(network: Network): MaybePromise<Session>;
  /** Gives back whatever the subject holds. */
  close(): MaybePromise<void>;
}

export interface Session {
  /** One outcome an event, in order. `advance` has an outcome too, empty. */
  feed(events: readonly Playable[]): MaybePromise<readonly Outcome[]>;
  close(): MaybePromise<void>;
}
