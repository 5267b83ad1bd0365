/**
 * A tuple names one direction of a flow; its inverse names the other.
 *
 * The zone is deliberately not a part of it (compare spec/representation.ts, where it is): the RFC keeps tuples small
 * and carries the zone beside them.
 *
 * Source: struct nf_conntrack_tuple; nf_ct_get_tuple(), nf_ct_invert_tuple().
 */
import { counterpart, icmpTypes } from './icmp-types.ts';
import type { Address, Ip } from './trace/packet.ts';

export type Tuple = {
  readonly source: Address;
  readonly destination: Address;
  readonly protocol: number;
  /** Of ICMP: the identifier. */
  readonly sourcePort: number;
  /** Of ICMP: the type in the upper byte, the code in the lower. */
  readonly destinationPort: number;
};

export type Ports = Pick<Tuple, 'sourcePort' | 'destinationPort'>;

/** The tuple of a packet whose protocol has ports, or what stands for them. Ports may be 0. */
export const tupleOf = (packet: Pick<Ip, 'source' | 'destination' | 'protocol'>, { sourcePort, destinationPort }: Ports): Tuple => ({
  source: packet.source,
  destination: packet.destination,
  protocol: packet.protocol,
  sourcePort,
  destinationPort,
});

/** What stands for ports in ICMP. */
export const icmpPorts = ({ identifier, type, code }: { readonly identifier: number; readonly type: number; readonly code: number }): Ports => ({
  sourcePort: identifier,
  destinationPort: type * 256 + code,
});

/** The type of an ICMP message by its tuple. */
export const icmpTypeOf = ({ destinationPort }: Ports): number => destinationPort >>> 8;

/** What an answer to this tuple carries, or undefined if there is none. Some tuples are their own inverse. */
export const inverse = (tuple: Tuple): Tuple | undefined => {
  const ports = answeringPorts(tuple);
  return ports && tupleOf({ source: tuple.destination, destination: tuple.source, protocol: tuple.protocol }, ports);
};

const answeringPorts = ({ protocol, sourcePort, destinationPort }: Tuple): Ports | undefined => {
  const types = icmpTypes.get(protocol);
  if (!types) return { sourcePort: destinationPort, destinationPort: sourcePort };
  const type = counterpart(types, destinationPort >>> 8);
  return type === undefined ? undefined : icmpPorts({ identifier: sourcePort, type, code: destinationPort & 0xff });
};

/** Whether a tuple is what an answer to the other carries. */
export const isInverse = (tuple: Tuple, other: Tuple): boolean => {
  const answer = inverse(other);
  return answer !== undefined && sameTuple(tuple, answer);
};

export const sameTuple = (a: Tuple, b: Tuple): boolean =>
  a.source === b.source &&
  a.destination === b.destination &&
  a.sourcePort === b.sourcePort &&
  a.destinationPort === b.destinationPort &&
  a.protocol === b.protocol;
