/**
 * The smallest answer to a packet that left: its addresses and ports mirrored, no payload, whole.
 *
 * It arrives where the packet left. UDP only as yet; what left as anything else, or with ports that cannot be seen
 * because it left in pieces whose first holds no UDP header, has no answer.
 */
import type { Receive, Answer } from './event.ts';
import type { Outcome } from './outcome.ts';
import { carried, type Ipv4, ipv4, lengthOf, numberAt } from './packet.ts';
import { UDP } from './transport.ts';

/** The event that an answer stands for, or undefined if what it answers did not leave. */
export const resolveAnswer = (answer: Answer, answered: Outcome | undefined): Receive | undefined => {
  const departure = answered?.left[0];
  const first = departure?.pieces[0];
  if (!departure || first?.kind !== 'ipv4' || first.protocol !== UDP) return undefined;
  const ports = portsOf(first.payload);
  if (!ports) return undefined;
  return {
    kind: 'receive',
    id: answer.id,
    device: departure.device,
    packet: ipv4({
      source: first.destination,
      destination: first.source,
      df: true,
      payload: {
        kind: 'udp',
        sourcePort: ports.destination,
        destinationPort: ports.source,
        length: 'right',
        checksum: 'right',
        payload: '',
      },
    }),
  };
};

const portsOf = (payload: Ipv4['payload']): { source: number; destination: number } | undefined => {
  if ('sourcePort' in payload) return { source: payload.sourcePort, destination: payload.destinationPort };
  const bytes = carried(payload);
  return lengthOf(bytes) < 8 ? undefined : { source: numberAt(bytes, 0, 2), destination: numberAt(bytes, 2, 2) };
};
