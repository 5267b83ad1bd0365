/**
 * What an engine says of one packet. One record, used again for the next packet: read it before.
 */
import { createOutgoing, type Outgoing } from './outgoing.ts';

/** What became of the packet. Everything but `left` means that nothing leaves. */
export type Fate =
  /** It leaves; see `outgoing`. */
  | 'left'
  /** It is no right IP packet, and tracking never saw it. */
  | 'refused'
  /** A fragment that waits for others, or a duplicate of one that does. */
  | 'fragment-held'
  /** A fragment that contradicts others of its datagram; they are gone with it. */
  | 'fragment-killed'
  /** A fragment of IPv6 that contradicts others of its datagram, which wait on without it. */
  | 'fragment-refused'
  /** A limit on fragments refused it: the network's memory, or the engine's queues or bytes, also of what leaves. */
  | 'fragments-full'
  /** Tracked, and then not routed: an address that leads nowhere, options or headers that do not fit, no hop left. */
  | 'martian'
  | 'options'
  | 'headers'
  | 'ttl'
  /** A new connection's packet, and its reply half is another connection's. */
  | 'clash'
  /** A new connection's packet, and the engine's table has no room: tracking did not see it. */
  | 'table-full';

export type Verdict = {
  fate: Fate;
  /** What tracking said; `unseen` where it was not reached. The three fields below mean something with a connection only. */
  state: 'unseen' | 'new' | 'established' | 'related' | 'invalid' | 'untracked';
  zone: number;
  direction: 'original' | 'reply';
  /** Names the connection since the last reset; a connection that is never confirmed has a name too. */
  connection: number;
  /** The number of the device by which it leaves. */
  exit: number;
  readonly outgoing: Outgoing;
};

export const createVerdict = (): Verdict => ({
  fate: 'refused',
  state: 'unseen',
  zone: 0,
  direction: 'original',
  connection: 0,
  exit: 0,
  outgoing: createOutgoing(),
});

/** One piece that leaves, seen in the engine's buffer: copy it to keep it. */
export const pieceOf = (verdict: Verdict, piece: number): Uint8Array =>
  verdict.outgoing.bytes.subarray(verdict.outgoing.start[piece], verdict.outgoing.end[piece]);
