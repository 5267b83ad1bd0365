/**
 * A queue: what the fragments of one datagram that came so far amount to, in either version of IP.
 *
 * Source: struct inet_frag_queue.
 */
import type { Arrival } from './reassembly.ts';
import type { Runs } from './runs.ts';
import { type Ip, lengthOf } from './trace/packet.ts';

/** What a queue holds. */
export type Contents<Header extends Ip> = {
  readonly runs: Runs;
  /** In order of arrival. */
  readonly arrivals: readonly Arrival<Header>[];
  /** The greatest end that was claimed, by whatever fragment. */
  readonly length: number;
  readonly lastSeen: boolean;
};

export const empty = { runs: [], arrivals: [], length: 0, lastSeen: false } as const;

/** First and last are there, and the bytes add up. */
export const isComplete = <Header extends Ip>(contents: Contents<Header>): boolean =>
  contents.lastSeen && contents.arrivals.some(({ offset }) => offset === 0) && bytesIn(contents) === contents.length;

const bytesIn = <Header extends Ip>({ arrivals }: Contents<Header>): number =>
  arrivals.reduce((sum, { bytes }) => sum + lengthOf(bytes), 0);

/** The bytes that queues hold together. */
export const bytesHeld = <Header extends Ip>(queues: readonly { readonly contents: Contents<Header> }[]): number =>
  queues.reduce((sum, { contents }) => sum + bytesIn(contents), 0);
