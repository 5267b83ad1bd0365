/**
 * Translation: what the flows of a path do to connections of IPv4, and what became of a connection.
 *
 * One action translates one end, so a path has one translation at most: of the destination by the device where a packet
 * arrives, or of the source by the device where it leaves.
 *
 * Source: nat() in ovs-actions(7).
 */
import { asTracked } from '../../../spec/extensions.ts';
import type { Device, Network, Translation } from '../../../spec/trace/network.ts';
import type { Bound } from '../../../spec/trace/outcome.ts';
import { type Ip, ipv4, isFragment, type Packet } from '../../../spec/trace/packet.ts';
import { readTransport } from '../../../spec/wire/transport.ts';
import { icmpPorts, inverse, type Tuple, tupleOf } from '../../../spec/tuple.ts';

/** The argument of nat(), for a packet that arrives on a device; undefined: its path translates nothing. */
export const translationOf = (network: Network, arrival: Device): string | undefined => {
  const exit = exitOf(network, arrival);
  const { destination } = arrival.nat ?? {};
  if (destination) return argument('dst', destination, arrival);
  return exit?.nat?.source && argument('src', exit.nat.source, exit);
};

const exitOf = ({ devices }: Network, { exit }: Device): Device | undefined => devices.find(({ name }) => name === exit);

const argument = (end: 'src' | 'dst', { to, ports }: Translation, { address = '' }: Device): string => {
  const { from, to: last } = to === 'own' ? { from: address, to: address } : to;
  const addresses = from === last ? from : `${from}-${last}`;
  return `${end}=${addresses}${ports ? `:${ports.from}${ports.to === ports.from ? '' : `-${ports.to}`}` : ''}`;
};

/** What keeps a network's translations from being flows. */
export const translationProblem = (network: Network): string | undefined => {
  for (const device of network.devices) {
    if (device.nat6) return 'translation of IPv6, which no flow here does';
    if (device.nat?.destination && exitOf(network, device)?.nat?.source) return 'translation of both ends of a path: one action does one';
    if ([device.nat?.destination, device.nat?.source].some((rule) => rule?.ports?.from === 0)) return 'translation to port 0, which flows cannot say';
  }
  return undefined;
};

/** What was made of a connection, as its first packet shows that came so and left so; undefined if neither names one. */
export const boundBy = (came: Packet, left: Packet): Bound | undefined => {
  const [original, now] = [tupleIn(came), tupleIn(left)];
  const reply = now && inverse(now);
  return original && reply && { original, reply };
};

const tupleIn = (packet: Packet): Tuple | undefined => {
  const read = packet.kind === 'raw' ? undefined : asTracked(isFragment(packet) ? firstOf(packet) : packet);
  if (!read) return undefined;
  const { payload } = read;
  if (payload.kind === 'icmp') return tupleOf(read, icmpPorts(payload));
  const named = payload.kind === 'udp' || payload.kind === 'tcp';
  return tupleOf(read, named ? payload : { sourcePort: 0, destinationPort: 0 });
};

/** A first fragment as if it were all. */
const firstOf = (packet: Ip): Ip => {
  const bytes = packet.payload.kind === 'opaque' ? packet.payload.bytes : '';
  return packet.kind === 'ipv4' ? ipv4({ ...packet, mf: false, offset: 0, payload: readTransport(packet, bytes) }) : packet;
};
