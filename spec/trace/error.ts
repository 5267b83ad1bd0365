/**
 * An ICMP error about a packet that left: from where it was going to, or from a router on the way, to its source.
 *
 * It quotes the packet as it left, the first piece if there are several: its header and the 8 bytes after it. Routers
 * may quote more (RFC 1812 section 4.3.2.3), which nothing here looks at.
 *
 * Source: RFC 792.
 */
import { writeHeader } from '../wire/ipv4.ts';
import { writeTransport } from '../wire/transport.ts';
import type { IcmpError, Receive } from './event.ts';
import type { Outcome } from './outcome.ts';
import { type Address, type Ipv4, ipv4, slice } from './packet.ts';

/** Whoever is on the way. */
const ROUTER: Address = '198.51.100.254';

const DESTINATION_UNREACHABLE = 3;
const [PROTOCOL_UNREACHABLE, PORT_UNREACHABLE] = [2, 3];

/** The event that an error stands for, or undefined if what it is about did not leave. */
export const resolveError = ({ id, type, code }: IcmpError, about: Outcome | undefined): Receive | undefined => {
  const departure = about?.left[0];
  const first = departure?.pieces[0];
  if (!departure || first?.kind !== 'ipv4') return undefined;
  const fromHost = type === DESTINATION_UNREACHABLE && (code === PROTOCOL_UNREACHABLE || code === PORT_UNREACHABLE);
  const packet = ipv4({
    source: fromHost ? first.destination : ROUTER,
    destination: first.source,
    payload: { kind: 'icmp', type, code, checksum: 'right', identifier: 0, sequence: 0, payload: quoted(first) },
  });
  return { kind: 'receive', id, device: departure.device, packet };
};

const quoted = (packet: Ipv4): string => writeHeader(packet) + slice(writeTransport(packet), 0, 8);
