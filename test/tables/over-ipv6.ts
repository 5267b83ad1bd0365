/** Rows of tables told over IPv6 as well: the same packets between fd00::1 and fd00::2. */
import { type Address, type Ip, type Ipv4, ipv6, type Packet } from '../../spec/trace/packet.ts';
import type { Trace } from '../../spec/trace/trace.ts';

const ADDRESSES: Readonly<Record<Address, Address>> = { '10.0.0.1': 'fd00::1', '10.0.0.2': 'fd00::2' };

const packetOver6 = ({ source, destination, ttl, protocol, payload }: Ipv4): Ip =>
  ipv6({ source: ADDRESSES[source] ?? source, destination: ADDRESSES[destination] ?? destination, hopLimit: ttl, protocol, payload });

const over6 = (packet: Packet): Packet => (packet.kind === 'ipv4' ? packetOver6(packet) : packet);

/** The same row over IPv6. What its packets carry has to mean the same there, and none is a fragment. */
export const overIpv6 = <Row extends { readonly row: string; readonly trace: Trace }>(row: Row): Row => ({
  ...row,
  row: `IPv6, ${row.row}`,
  trace: { ...row.trace, events: row.trace.events.map((event) => (event.kind === 'receive' ? { ...event, packet: over6(event.packet) } : event)) },
});
