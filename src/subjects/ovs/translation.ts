/**
 * Translation: what the flows of a path do to connections, and what became of a connection.
 *
 * One action translates one end, so a path has one translation of each version of IP at most: of the destination by the
 * device where a packet arrives, or of the source by the device where it leaves.
 *
 * Source: nat() in ovs-actions(7).
 */
import { asTracked } from '../../../spec/extensions.ts';
import { translationAt } from '../../../spec/nat.ts';
import type { Device, Network, Translation } from '../../../spec/trace/network.ts';
import type { Bound } from '../../../spec/trace/outcome.ts';
import type { Ip, Packet } from '../../../spec/trace/packet.ts';
import { icmpPorts, inverse, type Tuple, tupleOf } from '../../../spec/tuple.ts';
import { isIpv6 } from '../../../spec/wire/address.ts';
import type { Operation } from './frames.ts';

/** What is made of a connection by the path that its first packet takes. */
export type Making = {
  readonly operation: Operation;
  /** Arguments of nat(), where that version of IP is translated. */
  readonly ip?: string;
  readonly ipv6?: string;
  /** Whether FTP is read. */
  readonly helped?: true;
};

/** For packets that arrive on a device; undefined: nothing but a connection. */
export const makingOf = (operation: Operation, network: Network, arrival: Device): Making | undefined => {
  const [ip, ipv6] = [translationOf('ipv4', network, arrival), translationOf('ipv6', network, arrival)];
  if (ip === undefined && ipv6 === undefined && !arrival.helper) return undefined;
  return { operation, ...(ip !== undefined && { ip }), ...(ipv6 !== undefined && { ipv6 }), ...(arrival.helper && { helped: true }) };
};

const translationOf = (version: Ip['kind'], network: Network, arrival: Device): string | undefined => {
  const here = translationAt(arrival, version);
  if (here.nat?.destination) return argument('dst', here.nat.destination, here);
  const exit = exitOf(network, arrival);
  const there = exit && translationAt(exit, version);
  return there?.nat?.source && argument('src', there.nat.source, there);
};

const exitOf = ({ devices }: Network, { exit }: Device): Device | undefined => devices.find(({ name }) => name === exit);

const argument = (end: 'src' | 'dst', { to, ports }: Translation, { address = '' }: Pick<Device, 'address'>): string => {
  const { from, to: last } = to === 'own' ? { from: address, to: address } : to;
  const addresses = from === last ? written(from) : `${written(from)}-${written(last)}`;
  return `${end}=${addresses}${ports ? `:${ports.from}${ports.to === ports.from ? '' : `-${ports.to}`}` : ''}`;
};

/** So that ports behind it are none of its words. */
const written = (address: string): string => (isIpv6(address) ? `[${address}]` : address);

/** What keeps a network's translations from being flows. */
export const translationProblem = (network: Network): string | undefined => {
  for (const device of network.devices) {
    for (const version of ['ipv4', 'ipv6'] as const) {
      const exit = exitOf(network, device);
      const { nat } = translationAt(device, version);
      if (nat?.destination && exit && translationAt(exit, version).nat?.source) return 'translation of both ends of a path: one action does one';
      if ([nat?.destination, nat?.source].some((rule) => rule?.ports?.from === 0)) return 'translation to port 0, which flows cannot say';
    }
  }
  return undefined;
};

/** What was made of a connection, as its first packet shows that came so and left so; undefined if neither names one. */
export const boundBy = (came: Packet, left: Packet): Bound | undefined => {
  const [original, now] = [tupleIn(came), tupleIn(left)];
  const reply = now && inverse(now);
  return original && reply && { original, reply };
};

/** Of a fragment, if it is the first. */
const tupleIn = (packet: Packet): Tuple | undefined => {
  const read = packet.kind === 'raw' ? undefined : asTracked(packet);
  if (!read) return undefined;
  const { payload } = read;
  if (payload.kind === 'icmp') return tupleOf(read, icmpPorts(payload));
  const named = payload.kind === 'udp' || payload.kind === 'tcp';
  return tupleOf(read, named ? payload : { sourcePort: 0, destinationPort: 0 });
};
