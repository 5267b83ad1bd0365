/**
 * Open vSwitch: which messages of ICMP it knows, and what an answer to a tuple carries.
 *
 * Source: extract_l4_icmp(), extract_l4_icmp6(), reverse_icmp_type(), conn_key_reverse() in lib/conntrack.c.
 */
import type { Ip } from '../trace/packet.ts';
import { ICMP, ICMPV6 } from '../trace/transport.ts';
import type { Tuple } from '../tuple.ts';

/** Requests by their answers' types, and errors, of each version. */
export const OVS_ICMP: Readonly<Record<Ip['kind'], { readonly queries: ReadonlyMap<number, number>; readonly errors: ReadonlySet<number> }>> = {
  ipv4: { queries: new Map([[8, 0], [13, 14], [15, 16]]), errors: new Set([3, 4, 5, 11, 12]) },
  ipv6: { queries: new Map([[128, 129]]), errors: new Set([1, 2, 3, 4]) },
};

/** The tuple that answers carry. */
export const answerTo = (tuple: Tuple): Tuple => {
  const turned = { ...tuple, source: tuple.destination, destination: tuple.source };
  const isIpv6 = tuple.source.includes(':');
  const queries = tuple.protocol === (isIpv6 ? ICMPV6 : ICMP) ? OVS_ICMP[isIpv6 ? 'ipv6' : 'ipv4'].queries : undefined;
  if (!queries) return { ...turned, sourcePort: tuple.destinationPort, destinationPort: tuple.sourcePort };
  const type = tuple.destinationPort >>> 8;
  const other = queries.get(type) ?? [...queries].find(([, answer]) => answer === type)?.[0] ?? type;
  return { ...turned, destinationPort: other * 256 + (tuple.destinationPort & 0xff) };
};
