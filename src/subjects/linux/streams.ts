/**
 * Streams of UDP and UDP-Lite: one setting for both, which the kernel reads with each packet.
 *
 * UDP is judged as if it had no streams, because they begin in real time. UDP-Lite's begin with a reply. So before each
 * packet it has to be known which of the two it is, or makes whole.
 */
import { asTracked } from '../../../spec/extensions.ts';
import { fragmentOf, type Ip, type Packet } from '../../../spec/trace/packet.ts';
import { UDP, UDP_LITE } from '../../../spec/trace/transport.ts';

/** In IPv6 only the first fragment of a datagram says what this is. */
const keyOf = (packet: Ip): string | undefined => {
  const fragment = packet.kind === 'ipv6' ? fragmentOf(packet) : undefined;
  return fragment && `${packet.source} ${packet.destination} ${fragment.id}`;
};

/** Says of packet after packet whether it is of UDP-Lite, by the first fragment that came last under its name. */
export const udpLiteKnower = (): ((packet: Ip) => boolean) => {
  const known = new Set<string>();
  return (packet) => {
    if (packet.kind === 'ipv4') return packet.protocol === UDP_LITE;
    const key = keyOf(packet);
    if (key === undefined || fragmentOf(packet)?.offset === 0) {
      const isIt = asTracked(packet)?.protocol === UDP_LITE;
      if (key !== undefined && isIt) known.add(key);
      else if (key !== undefined) known.delete(key);
      return isIt;
    }
    return known.has(key);
  };
};

/** Whether fragments of both go by one name, so that nobody knows which of the two the others belong to. */
export const areMixedUp = (packets: readonly Packet[]): boolean => {
  const protocols = new Map<string, number>();
  return packets.some((packet) => {
    const key = packet.kind === 'raw' || fragmentOf(packet)?.offset !== 0 ? undefined : keyOf(packet);
    const protocol = key === undefined || packet.kind === 'raw' ? undefined : asTracked(packet)?.protocol;
    if (key === undefined || (protocol !== UDP && protocol !== UDP_LITE)) return false;
    const before = protocols.get(key) ?? protocol;
    protocols.set(key, protocol);
    return before !== protocol;
  });
};
