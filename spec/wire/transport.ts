/**
 * Transports between fields and bytes: what fragments are cut out of, and what they are read as once put together.
 */
import type { Bytes, Ip, Opaque } from '../trace/packet.ts';
import { carried, lengthOf, numberAt } from '../trace/packet.ts';
import { ICMP, ICMPV6, SCTP, TCP, type Transport, UDP, UDP_LITE } from '../trace/transport.ts';
import { isIpv6 } from './address.ts';
import { pseudoHeader } from './checksum.ts';
import { readIcmp, writeIcmp } from './icmp.ts';
import { readSctp, writeSctp } from './sctp.ts';
import { readTcp, writeTcp } from './tcp.ts';
import { pseudoOfUdpLite, readUdpLite, writeUdpLite } from './udp-lite.ts';
import { readUdp, writeUdp } from './udp.ts';

/** The part of an IP header that transports depend on. */
type Header = Pick<Ip, 'source' | 'destination' | 'protocol'>;

const pseudoOf = ({ source, destination, protocol }: Header, length: number): number =>
  pseudoHeader(source, destination, protocol, length);

const pseudosOf = (header: Header, length: number) => pseudoOfUdpLite(pseudoOf(header, length), length, isIpv6(header.source) ? 'ipv6' : 'ipv4');

/** The bytes that a whole IP packet carries, as its protocol reads them. */
export const readTransport = (header: Header, bytes: Bytes): Transport | Opaque => {
  switch (header.protocol) {
    case UDP:
      return readUdp(bytes, pseudoOf(header, lengthOf(bytes)));
    case TCP:
      return readTcp(bytes, pseudoOf(header, lengthOf(bytes)));
    case UDP_LITE:
      return readUdpLite(bytes, pseudosOf(header, lengthOf(bytes)));
    case SCTP:
      return readSctp(bytes);
    case ICMP:
    case ICMPV6:
      return isIcmpOf(header) ? readIcmp(bytes, pseudoOfIcmp(header, lengthOf(bytes))) : { kind: 'opaque', bytes, why: 'protocol' };
    default:
      return { kind: 'opaque', bytes, why: 'protocol' };
  }
};

/** Whether this is the ICMP of the IP version that carries it. */
const isIcmpOf = ({ source, protocol }: Header): boolean => protocol === (isIpv6(source) ? ICMPV6 : ICMP);

/** ICMPv6 has a pseudo header (RFC 4443 section 2.3), ICMP has none. */
const pseudoOfIcmp = (header: Header, length: number): number => (isIpv6(header.source) ? pseudoOf(header, length) : 0);

/** Where the payload begins in the bytes of a first fragment, or their end if it is not among them. */
export const payloadStart = (protocol: number, bytes: Bytes): number => {
  const length = protocol === TCP && lengthOf(bytes) > 12 ? (numberAt(bytes, 12, 1) >> 4) * 4 : (LEAST_HEADER.get(protocol) ?? 0);
  return Math.min(length, lengthOf(bytes));
};

const LEAST_HEADER: ReadonlyMap<number, number> = new Map([
  [ICMP, 8],
  [ICMPV6, 8],
  [SCTP, 12],
  [TCP, 20],
  [UDP, 8],
  [UDP_LITE, 8],
]);

const HEADERS: Readonly<Record<(Transport | Opaque)['kind'], number>> = { opaque: 0, udp: 8, icmp: 8, 'udp-lite': 8, sctp: 12, tcp: 20 };

/** How many bytes IP carries. */
export const transportLength = (payload: Transport | Opaque): number =>
  HEADERS[payload.kind] + lengthOf(carried(payload)) + (payload.kind === 'tcp' ? lengthOf(payload.options) : 0);

/** What an IP packet carries, as bytes. `readTransport` gives it back. */
export const writeTransport = (packet: Header & Pick<Ip, 'payload'>): Bytes => {
  const { payload } = packet;
  if (payload.kind === 'opaque') return payload.bytes;
  const length = transportLength(payload);
  if (payload.kind === 'udp') return writeUdp(payload, pseudoOf(packet, length));
  if (payload.kind === 'tcp') return writeTcp(payload, pseudoOf(packet, length));
  if (payload.kind === 'icmp') return writeIcmp(payload, pseudoOfIcmp(packet, length));
  return payload.kind === 'sctp' ? writeSctp(payload) : writeUdpLite(payload, pseudosOf(packet, length));
};
