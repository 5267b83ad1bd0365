/**
 * What a protocol adds to tracking: which of its packets are sane, what each does to a connection, and for how long
 * that lives afterwards. Each protocol has a chapter of this shape; spec/tracking.ts reads them.
 *
 * Source: nf_conntrack_handle_packet() and the packet functions that it calls.
 */
import type { Connection } from './connection.ts';
import type { Evict } from './counting.ts';
import type { Profile } from './profile.ts';
import type { RuleId } from './rules.ts';
import type { Network } from './trace/network.ts';
import type { Tuple } from './tuple.ts';
import type { Direction } from './zone.ts';

/** A packet may be invalid by itself; any other names a flow. */
export type Inspection =
  | { readonly rule: RuleId; readonly tuple: Tuple }
  | { readonly rule: RuleId; readonly tuple?: never };

/** What stands around a packet while it is judged. */
export type Moment = {
  readonly nowMs: number;
  readonly network: Network;
  readonly profile: Profile;
  /** Who ends early where the table is full; absent: the oldest. */
  readonly evict?: Evict;
};

/** What a packet does to the connection that it belongs to. */
export type Effect =
  /** It belongs to the connection, which is now this. */
  | { readonly kind: 'tracked'; readonly rules: readonly RuleId[]; readonly connection: Connection }
  /** It is invalid after all; the connection is now this, or as before, and a new one is not made. */
  | { readonly kind: 'invalid'; readonly rules: readonly RuleId[]; readonly connection?: Connection }
  /** It belongs to the connection, which ends with it. */
  | { readonly kind: 'last'; readonly rules: readonly RuleId[] }
  /** The connection ends before it, so the packet is looked up again. */
  | { readonly kind: 'anew'; readonly rules: readonly RuleId[] };

/** The packet belongs to the connection, whose timer starts again. */
export const refreshed = (connection: Connection, { nowMs }: Moment, timeoutMs: number, rule: RuleId): Effect => ({
  kind: 'tracked',
  rules: [rule],
  connection: { ...connection, expiresMs: nowMs + timeoutMs },
});

/** `Packet` is what the protocol's chapter reads. */
export type Protocol<Packet> = {
  /** The first packet of a flow. The connection is as `connect` makes it. */
  readonly open: (packet: Packet, connection: Connection, moment: Moment) => Effect;
  /** A packet of a connection that is there, in either direction. */
  readonly follow: (packet: Packet, connection: Connection, direction: Direction, moment: Moment) => Effect;
};
