/**
 * Streams of UDP and UDP-Lite: one setting for both, which the kernel reads with each packet.
 *
 * UDP is judged as if it had no streams, because they begin in real time. UDP-Lite's begin with a reply. So before each
 * packet it has to be known which of the two it is, or makes whole.
 */
import { asTracked } from '../../../spec/extensions.ts';
import { fragmentOf, type Packet } from '../../../spec/trace/packet.ts';
import { UDP_LITE } from '../../../spec/trace/transport.ts';
import type { ZoneId } from '../../../spec/zone.ts';

/** A packet, and the zone in which it waits for others if it is a fragment. */
export type Arrived = { readonly packet: Packet; readonly zone: ZoneId };

/** In IPv6 only the first fragment of a datagram says what this is. */
const keyOf = ({ packet, zone }: Arrived): string | undefined => {
  const fragment = packet.kind === 'ipv6' ? fragmentOf(packet) : undefined;
  return packet.kind === 'raw' || !fragment ? undefined : `${zone} ${packet.source} ${packet.destination} ${fragment.id}`;
};

/** Says of packet after packet whether it is of UDP-Lite, by the first fragment that came last under its name. */
export const udpLiteKnower = (): ((arrived: Arrived) => boolean) => {
  const known = new Set<string>();
  return (arrived) => {
    const { packet } = arrived;
    if (packet.kind !== 'ipv6') return packet.kind === 'ipv4' && packet.protocol === UDP_LITE;
    const key = keyOf(arrived);
    if (key === undefined || fragmentOf(packet)?.offset === 0) {
      const isIt = asTracked(packet)?.protocol === UDP_LITE;
      if (key !== undefined && isIt) known.add(key);
      else if (key !== undefined) known.delete(key);
      return isIt;
    }
    return known.has(key);
  };
};

/** Whether first fragments of UDP-Lite and of something else go by one name, so that nobody knows what the others belong to. */
export const areMixedUp = (all: readonly Arrived[]): boolean => {
  const isLite = new Map<string, boolean>();
  return all.some((arrived) => {
    const { packet } = arrived;
    const key = packet.kind === 'ipv6' && fragmentOf(packet)?.offset === 0 ? keyOf(arrived) : undefined;
    if (packet.kind !== 'ipv6' || key === undefined) return false;
    const isIt = asTracked(packet)?.protocol === UDP_LITE;
    const before = isLite.get(key) ?? isIt;
    isLite.set(key, isIt);
    return before !== isIt;
  });
};
