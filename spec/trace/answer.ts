/**
 * The smallest answer to a packet that left: its addresses and ports mirrored, no payload, whole.
 *
 * It arrives where the packet left. UDP only as yet; what left as anything else, or with ports that cannot be seen
 * because it left in pieces whose first holds no UDP header, has no answer.
 */
import type { Receive, Answer } from './event.ts';
import type { Outcome } from './outcome.ts';
import { carried, type Ip, ipv4, ipv6, lengthOf, numberAt } from './packet.ts';
import { type Transport, UDP } from './transport.ts';

/** The event that an answer stands for, or undefined if what it answers did not leave. */
export const resolveAnswer = (answer: Answer, answered: Outcome | undefined): Receive | undefined => {
  const departure = answered?.left[0];
  const first = departure?.pieces[0];
  if (!departure || !first || first.kind === 'raw' || first.protocol !== UDP) return undefined;
  const ports = portsOf(first.payload);
  if (!ports) return undefined;
  return {
    kind: 'receive',
    id: answer.id,
    device: departure.device,
    packet: wholeLike(first, {
      kind: 'udp',
      sourcePort: ports.destination,
      destinationPort: ports.source,
      length: 'right',
      checksum: 'right',
      payload: '',
    }),
  };
};

/** A packet of the same version on its way back. */
const wholeLike = ({ kind, source, destination }: Ip, payload: Transport): Ip =>
  kind === 'ipv4'
    ? ipv4({ source: destination, destination: source, df: true, payload })
    : ipv6({ source: destination, destination: source, payload });

const portsOf = (payload: Ip['payload']): { source: number; destination: number } | undefined => {
  if ('sourcePort' in payload) return { source: payload.sourcePort, destination: payload.destinationPort };
  const bytes = carried(payload);
  return lengthOf(bytes) < 8 ? undefined : { source: numberAt(bytes, 0, 2), destination: numberAt(bytes, 2, 2) };
};
