/**
 * Types of ICMP as tracking sees them: requests, their answers, and errors. Plain data, because a tuple's inverse
 * (spec/tuple.ts), the chapter on ICMP and the answers in traces all read it.
 *
 * Source: RFC 792, RFC 950, RFC 4443, RFC 4620; nf_conntrack_invert_icmp_tuple(), icmp_is_err(),
 * nf_conntrack_invert_icmpv6_tuple(), noct_valid_new.
 */
import { ICMP, ICMPV6 } from './trace/transport.ts';

export type IcmpTypes = {
  /** The type of the answer, by the type of the request. */
  readonly answers: ReadonlyMap<number, number>;
  /** Those that quote the packet that they are about. */
  readonly errors: ReadonlySet<number>;
  /** Those by which neighbours and listeners find each other, which are not tracked. */
  readonly neighbours: ReadonlySet<number>;
  /** What lies above has no meaning. */
  readonly greatest: number;
};

const ICMP_TYPES: IcmpTypes = {
  // Echo, timestamp, information, address mask.
  answers: new Map([[8, 0], [13, 14], [15, 16], [17, 18]]),
  // Destination unreachable, source quench, redirect, time exceeded, parameter problem.
  errors: new Set([3, 4, 5, 11, 12]),
  neighbours: new Set(),
  greatest: 18,
};

const ICMPV6_TYPES: IcmpTypes = {
  // Echo, node information.
  answers: new Map([[128, 129], [139, 140]]),
  // The highest bit tells: errors have none.
  errors: new Set(Array.from({ length: 128 }, (_, type) => type)),
  // Listener query, report and done; router and neighbour discovery; listener report 2; multicast routers.
  neighbours: new Set([130, 131, 132, 133, 134, 135, 136, 143, 151, 152]),
  greatest: 255,
};

/** By the protocol number: each family has an ICMP of its own. */
export const icmpTypes: ReadonlyMap<number, IcmpTypes> = new Map([
  [ICMP, ICMP_TYPES],
  [ICMPV6, ICMPV6_TYPES],
]);

/** The type that belongs to this one: a request's answer, an answer's request; undefined for all others. */
export const counterpart = ({ answers }: IcmpTypes, type: number): number | undefined => {
  for (const [request, answer] of answers) if (answer === type) return request;
  return answers.get(type);
};
