/**
 * A connection: two tuples, one for each direction, and perhaps a zone extension.
 *
 * A connection that was made for a packet is unconfirmed, known to that packet only, until the packet leaves
 * (spec/confirmation.ts). Its zone never changes.
 *
 * Source: struct nf_conn, init_conntrack().
 */
import { eraOf, knows, UNTIL_4_3 } from './era.ts';
import type { Peer } from './open-vswitch/tcp.ts';
import type { Rules } from './rule.ts';
import type { Association } from './sctp/association.ts';
import type { History } from './tcp/history.ts';
import type { DeviceName, Network } from './trace/network.ts';
import type { Label } from './trace/outcome.ts';
import type { Tuple } from './tuple.ts';
import { DEFAULT_ZONE, type Direction, type Zone } from './zone.ts';

export const connectionRules = {
  'connection.expired': {
    sentence: 'A connection whose time has come is gone: at its very millisecond no packet finds it any more.',
    source: 'nf_ct_is_expired()',
  },
  'connection.no-inverse': {
    sentence: 'A packet that nothing can answer makes no connection, and is invalid.',
    source: "init_conntrack(), \"Can't invert tuple\"",
  },
  'connection.extension': {
    sentence: 'A connection remembers its zone in an extension, which takes memory, unless that is zone 0: then it has none.',
    source: '__nf_conntrack_alloc(), nf_ct_ext_add(), NF_CT_EXT_ZONE; the RFC: "uses ct_extend"; before Linux 4.8',
    eras: UNTIL_4_3,
  },
  'connection.no-memory': {
    sentence: 'Where there is no memory for the extension no connection is made, and the packet is dropped; in zone 0 there is nothing to fail.',
    source: '__nf_conntrack_alloc(), ENOMEM; before Linux 4.8',
    eras: UNTIL_4_3,
  },
} as const satisfies Rules;

export type Connection = {
  readonly label: Label;
  /** The tuple of the packet that made it. */
  readonly original: Tuple;
  /** The tuple that answers carry. */
  readonly reply: Tuple;
  /** The zone extension. Absent means zone 0 (spec/zone.ts). */
  readonly zone?: Zone;
  readonly createdMs: number;
  /** From this moment on it is gone. */
  readonly expiresMs: number;
  /** A packet was seen in the reply direction. */
  readonly seenReply: boolean;
  /** Its protocol takes it for one that both sides want. */
  readonly assured?: true;
  /** What translation did to its first packet; absent where there is none, or control made it. */
  readonly bound?: Bound;
  /** No packet made it, but control. */
  readonly byControl?: true;
  /** What TCP remembers. */
  readonly tcp?: History;
  /** What TCP remembers in Open vSwitch: both sides, by the direction that they send in. */
  readonly peers?: Readonly<Record<Direction, Peer>>;
  /** What SCTP remembers. */
  readonly sctp?: Association;
};

/** Which ends of a connection are translated. */
export type Bound = {
  readonly destination: boolean;
  readonly source: boolean;
  /** By which device it has to leave, whose address it took. */
  readonly masquerade?: DeviceName;
};

/** A connection for the first packet of a tuple. The extension is added only where there is a zone to remember. */
export const connect = (label: Label, original: Tuple, reply: Tuple, zone: Zone | undefined, nowMs: number): Connection => ({
  label,
  original,
  reply,
  ...(zone && { zone }),
  createdMs: nowMs,
  expiresMs: nowMs,
  seenReply: false,
});

/** Whether there is memory for a connection in this zone, and by which rule, in eras in which that is a question. */
export const extend = (connections: readonly Connection[], zone: Zone | undefined, network: Network): readonly ('connection.extension' | 'connection.no-memory')[] => {
  if (knows(eraOf(network), 'linux-6.8') || !hasExtension(zone)) return [];
  const used = connections.filter((connection) => hasExtension(connection.zone)).length;
  return [network.extensions !== undefined && used >= network.extensions ? 'connection.no-memory' : 'connection.extension'];
};

const hasExtension = (zone: Zone | undefined): boolean => zone !== undefined && zone.id !== DEFAULT_ZONE;

/** The tuple of one half. */
export const half = (connection: Connection, direction: Direction): Tuple => connection[direction];

/** Time has come to `nowMs`. */
export const living = (connections: readonly Connection[], nowMs: number): readonly Connection[] =>
  connections.filter((connection) => nowMs < connection.expiresMs);
