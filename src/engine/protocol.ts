/**
 * What a protocol adds to tracking: each has a module of this shape, and `protocolOf` finds it.
 *
 * An answer is one number, so that nothing is allocated: a timeout of 0 or more milliseconds, or one of the codes below.
 *
 * Source: nf_conntrack_core.c nf_conntrack_handle_packet().
 */
import type { Network } from '../../spec/trace/network.ts';
import type { Connections, Key } from './connections.ts';
import type { Header } from './header.ts';

/** The packet is invalid after all. */
export const INVALID = -1;
/** The packet is the last of its connection, which ends with it. */
export const LAST = -2;
/** The connection ends before the packet, which is looked up again. */
export const ANEW = -3;
/** The packet belongs to the connection, and its timer goes on as it was. */
export const KEEP = -4;

/** In place of a quote: the packet is not tracked. */
export const UNTRACKED = -2;

/** The packet at hand and what stands around it. One record, used again for each packet. */
export type Moment = {
  bytes: Uint8Array;
  readonly header: Header;
  nowMs: number;
  network: Network;
  readonly table: Connections;
  /** Where the packet begins that the one at hand quotes, because it is an ICMP error; NONE for all others. */
  quote: number;
};

export type Protocol = {
  /**
   * Writes ports and reply ports of the packet at hand into the key, or says where the packet is that it quotes. False
   * if the packet is invalid by itself.
   */
  readonly read: (moment: Moment, key: Key) => boolean;
  /** The first packet of a flow; `connection` is its id, whose columns are the protocol's to fill. A timeout, or INVALID. */
  readonly open: (moment: Moment, connection: number) => number;
  /** A packet of a connection; `half` is 0 for the original one, 1 for the reply. A timeout or a code. */
  readonly follow: (moment: Moment, connection: number, half: number) => number;
};
