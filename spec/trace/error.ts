/**
 * An ICMP error about a packet that left: from where it was going to, or from a router on the way, to its source.
 *
 * It quotes the packet as it left, the first piece if there are several: its header and the 8 bytes after it. Routers
 * may quote more (RFC 1812 section 4.3.2.3), which nothing here looks at. The identification of IPv6 pieces is the
 * implementation's choice and quoted as 0, so that the error is the same packet for each.
 *
 * Types and codes are those of the version of IP that the packet has, and mean what they mean there.
 *
 * Source: RFC 792, RFC 4443.
 */
import { writeHeader } from '../wire/ipv4.ts';
import { writeHeader6 } from '../wire/ipv6.ts';
import { writeTransport } from '../wire/transport.ts';
import type { IcmpError, Receive } from './event.ts';
import { withoutFreshId } from './fresh-id.ts';
import type { Outcome } from './outcome.ts';
import { type Address, type Ip, ipv4, ipv6, slice } from './packet.ts';
import type { Icmp } from './transport.ts';

/** Whoever is on the way. */
const ROUTERS: Readonly<Record<Ip['kind'], Address>> = { ipv4: '198.51.100.254', ipv6: '2001:db8::fe' };

const DESTINATION_UNREACHABLE = 3;
const [PROTOCOL_UNREACHABLE, PORT_UNREACHABLE] = [2, 3];

/** The event that an error stands for, or undefined if what it is about did not leave. */
export const resolveError = ({ id, type, code }: IcmpError, about: Outcome | undefined): Receive | undefined => {
  const departure = about?.left[0];
  const [first] = withoutFreshId(departure?.pieces ?? []);
  if (!departure || !first || first.kind === 'raw') return undefined;
  const fromHost = type === DESTINATION_UNREACHABLE && (code === PROTOCOL_UNREACHABLE || code === PORT_UNREACHABLE);
  const source = fromHost ? first.destination : ROUTERS[first.kind];
  const payload: Icmp = { kind: 'icmp', type, code, checksum: 'right', identifier: 0, sequence: 0, payload: quoted(first) };
  const fields = { source, destination: first.source, payload };
  return { kind: 'receive', id, device: departure.device, packet: first.kind === 'ipv4' ? ipv4(fields) : ipv6(fields) };
};

const quoted = (packet: Ip): string => (packet.kind === 'ipv4' ? writeHeader(packet) : writeHeader6(packet)) + slice(writeTransport(packet), 0, 8);
