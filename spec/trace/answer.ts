/**
 * The smallest answer to a packet that left: its addresses and ports mirrored, or the answer to an ICMP request; no
 * payload, whole. TCP answers a SYN by SYN and ACK, and what acknowledges by an ACK; nothing answers a reset.
 *
 * It arrives where the packet left. What left as another protocol, as an ICMP message that nobody answers, or in pieces
 * whose first does not hold the header, has no answer.
 */
import { match } from 'ts-pattern';
import { icmpTypes } from '../icmp-types.ts';
import { readTransport } from '../wire/transport.ts';
import type { Receive, Answer } from './event.ts';
import type { Outcome } from './outcome.ts';
import { readSegment } from '../tcp/segment.ts';
import { type Ipv4, ipv4 } from './packet.ts';
import type { Tcp, Transport } from './transport.ts';

/** The event that an answer stands for, or undefined if what it answers did not leave, or has no answer. */
export const resolveAnswer = (answer: Answer, answered: Outcome | undefined): Receive | undefined => {
  const departure = answered?.left[0];
  const first = departure?.pieces[0];
  const payload = first?.kind === 'ipv4' ? answering(first) : undefined;
  if (!departure || first?.kind !== 'ipv4' || !payload) return undefined;
  const packet = ipv4({ source: first.destination, destination: first.source, df: true, payload });
  return { kind: 'receive', id: answer.id, device: departure.device, packet };
};

/** What answers the transport that a packet begins with, whether more of it comes in other pieces or not. */
const answering = (packet: Ipv4): Transport | undefined => {
  const asked = packet.payload.kind === 'opaque' ? readTransport(packet, packet.payload.bytes) : packet.payload;
  return match(asked)
    .returnType<Transport | undefined>()
    .with({ kind: 'udp' }, ({ sourcePort, destinationPort }) => ({
      kind: 'udp',
      sourcePort: destinationPort,
      destinationPort: sourcePort,
      length: 'right',
      checksum: 'right',
      payload: '',
    }))
    .with({ kind: 'icmp' }, (message) => {
      const type = icmpTypes.get(packet.protocol)?.answers.get(message.type);
      return type === undefined ? undefined : { ...message, type, checksum: 'right', payload: '' };
    })
    .with({ kind: 'tcp' }, acknowledging)
    .with({ kind: 'opaque' }, () => undefined)
    .exhaustive();
};

/** It goes on where the segment says that the other side is, and acknowledges all that the segment carries. */
const acknowledging = (asked: Tcp): Tcp | undefined => {
  const { kind, acknowledges, acknowledgement, end } = readSegment(asked);
  if (kind === 'rst' || !(acknowledges || kind === 'syn')) return undefined;
  return {
    ...asked,
    sourcePort: asked.destinationPort,
    destinationPort: asked.sourcePort,
    sequence: acknowledges ? acknowledgement : 0,
    acknowledgement: end,
    reserved: 0,
    flags: kind === 'syn' ? 'SA' : 'A',
    window: 65_535,
    checksum: 'right',
    urgent: 0,
    options: '',
    payload: '',
  };
};
