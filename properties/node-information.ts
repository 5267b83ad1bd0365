/**
 * ICMPv6 node information through translation: Linux gives the tuple of a query another identifier, and never the packet,
 * so its answer finds nobody, or whoever has the identifier that was kept. A law about answers says nothing there.
 *
 * Source: RFC 4620; icmpv6_manip_pkt().
 */
import { asTracked } from '../spec/extensions.ts';
import type { Ipv6 } from '../spec/trace/packet.ts';
import type { Boundary } from './tenants.ts';

export const nodesAreAskedUntranslated: Boundary = ({ network, events }) =>
  network.devices.every(({ nat6 }) => nat6 === undefined) ||
  events.every((event) => event.kind !== 'receive' || event.packet.kind !== 'ipv6' || !isAboutNodes(event.packet)) ||
  'translation gives the tuple of an ICMPv6 node information query another identifier, and not the packet';

const isAboutNodes = (packet: Ipv6): boolean => {
  const payload = asTracked(packet)?.payload;
  return payload?.kind === 'icmp' && (payload.type === NODE_QUERY || payload.type === NODE_REPLY);
};

const [NODE_QUERY, NODE_REPLY] = [139, 140] as const;
