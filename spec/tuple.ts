/**
 * A tuple names one direction of a flow; its inverse names the other.
 *
 * The zone is deliberately not a part of it (compare spec/representation.ts, where it is): the RFC keeps tuples small
 * and carries the zone beside them.
 *
 * Source: struct nf_conntrack_tuple; nf_ct_get_tuple(), nf_ct_invert_tuple().
 */
import type { Address, Ipv4 } from './trace/packet.ts';

export type Tuple = {
  readonly source: Address;
  readonly destination: Address;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
};

/** The tuple of a packet whose protocol has ports. Ports may be 0. */
export const tupleOf = (
  packet: Ipv4,
  { sourcePort, destinationPort }: { readonly sourcePort: number; readonly destinationPort: number },
): Tuple => ({
  source: packet.source,
  destination: packet.destination,
  protocol: packet.protocol,
  sourcePort,
  destinationPort,
});

/** What an answer to this tuple carries. Some tuples are their own inverse. */
export const inverse = (tuple: Tuple): Tuple => ({
  source: tuple.destination,
  destination: tuple.source,
  protocol: tuple.protocol,
  sourcePort: tuple.destinationPort,
  destinationPort: tuple.sourcePort,
});

export const sameTuple = (a: Tuple, b: Tuple): boolean =>
  a.source === b.source &&
  a.destination === b.destination &&
  a.sourcePort === b.sourcePort &&
  a.destinationPort === b.destinationPort &&
  a.protocol === b.protocol;
