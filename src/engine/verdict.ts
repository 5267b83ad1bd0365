/**
 * What an engine says of one packet. One record, used again for the next packet: read it before.
 */
import { createOutgoing, type Outgoing } from './outgoing.ts';
import { NONE } from './pool.ts';

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
  /** A new connection's packet, and there is no room in the table, which the engine limits, and perhaps the network: tracking did not see it. */
  | 'table-full'
  /** A new connection's packet, and its zone has as many as the network allows. */
  | 'zone-full'
  /** A rule that counts connections counted too many, or the engine has no room to count one more. */
  | 'counted-out'
  /** It is for the machine itself, or from an address of it. */
  | 'own'
  /** It cannot be translated, or its connection turned to another device than the one whose address it took. */
  | 'untranslated'
  /** IPv6 left by one of a pair of devices, which is not played here yet. */
  | 'not-led'
  | 'moved';

/** What tracking said of a packet on one pass. The four fields below the state mean something with a connection only. */
export type Pass = {
  /** `unseen` where tracking was not reached. */
  state: 'unseen' | 'new' | 'established' | 'related' | 'invalid' | 'untracked';
  zone: number;
  direction: 'original' | 'reply';
  /** Names the connection since the last reset; a connection that is never confirmed has a name too. */
  connection: number;
  /** The place of a connection that translation has bound and that is in the table since this packet; NONE for others. */
  bound: number;
};

/** The pass is the last one. */
export type Verdict = Pass & {
  fate: Fate;
  /** Those before it, where the packet went through pairs of devices; so many of them count. */
  readonly earlier: Pass[];
  earlierCount: number;
  /** The number of the device by which it leaves. */
  exit: number;
  outgoing: Outgoing;
};

const createPass = (): Pass => ({ state: 'unseen', zone: 0, direction: 'original', connection: 0, bound: NONE });

export const createVerdict = (): Verdict => ({ ...createPass(), fate: 'refused', earlier: [], earlierCount: 0, exit: 0, outgoing: createOutgoing() });

/** The last pass becomes an earlier one, if tracking was reached. Records are used again. */
export const beginPass = (verdict: Verdict): void => {
  if (verdict.state !== 'unseen') {
    const record = (verdict.earlier[verdict.earlierCount++] ??= createPass());
    const { state, zone, direction, connection, bound } = verdict;
    record.state = state;
    record.zone = zone;
    record.direction = direction;
    record.connection = connection;
    record.bound = bound;
  }
  verdict.state = 'unseen';
  verdict.bound = NONE;
  verdict.outgoing.pieces = 0;
};

/** One piece that leaves, seen in the engine's buffer: copy it to keep it. */
export const pieceOf = (verdict: Verdict, piece: number): Uint8Array =>
  verdict.outgoing.bytes.subarray(verdict.outgoing.start[piece], verdict.outgoing.end[piece]);
