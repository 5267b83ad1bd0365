/**
 * Open vSwitch: what of its control is modelled, which is to flush, to list, and to end a connection by its tuple.
 *
 * Source: dpctl/flush-conntrack, dpctl/dump-conntrack; ct_dpif_flush(), conntrack_flush_tuple().
 */
import type { Control } from '../trace/event.ts';
import type { Told } from '../trace/outcome.ts';
import { ICMP, ICMPV6, TCP, UDP } from '../trace/transport.ts';
import { icmpTypeOf, type Tuple } from '../tuple.ts';
import { OVS_ICMP } from './answers.ts';

/** Why the model says nothing about a command, and nothing behind it. */
export const notControlled = (event: Control): string | undefined => {
  if (event.command === 'flush' || event.command === 'dump') return undefined;
  if (event.command !== 'delete') return `Open vSwitch has no command like ${event.command}`;
  return isWhole(event.tuple) ? undefined : 'to Open vSwitch a tuple without ports is a part of many, and one of unknown ICMP its end';
};

const isWhole = (tuple: Tuple): boolean => {
  const { protocol, sourcePort, destinationPort } = tuple;
  if (protocol === UDP || protocol === TCP) return sourcePort > 0 && destinationPort > 0;
  if (protocol !== ICMP && protocol !== ICMPV6) return false;
  const { queries } = OVS_ICMP[tuple.source.includes(':') ? 'ipv6' : 'ipv4'];
  const type = icmpTypeOf(tuple);
  return (protocol === ICMP) !== tuple.source.includes(':') && (queries.has(type) || [...queries.values()].includes(type));
};

/** A list says nothing of replies. */
export const asListed = (told: Told): Told =>
  told.kind === 'list' ? { ...told, connections: told.connections.map((listed) => ({ ...listed, seenReply: false, assured: false })) } : told;
