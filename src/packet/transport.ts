/** Transports in bytes: what IP carries, read and written by the protocol number. */
import { match } from 'ts-pattern';
import type { Opaque } from '../../spec/trace/packet.ts';
import { ICMP, SCTP, TCP, type Transport, UDP, UDP_LITE } from '../../spec/trace/transport.ts';
import { decodeIcmp, encodeIcmp, icmpLength } from './icmp.ts';
import { readHex, sizeOf, writeHex } from './octets.ts';
import { decodeSctp, encodeSctp, sctpLength } from './sctp.ts';
import { decodeTcp, encodeTcp, tcpLength } from './tcp.ts';
import { decodeUdpLite, encodeUdpLite, udpLiteLength } from './udp-lite.ts';
import { decodeUdp, encodeUdp, udpLength } from './udp.ts';

/** `start` to `end` is what IP gives to the transport, `addresses` the sum of both addresses' words. */
export const decodeTransport = (bytes: Uint8Array, start: number, end: number, protocol: number, addresses: number): Transport | Opaque => {
  const pseudo = addresses + protocol + end - start;
  const decoded = decodeAs(bytes, start, end, protocol, pseudo);
  return typeof decoded === 'string' ? { kind: 'opaque', bytes: readHex(bytes, start, end), why: decoded } : decoded;
};

const decodeAs = (bytes: Uint8Array, start: number, end: number, protocol: number, pseudo: number): Transport | Opaque['why'] => {
  switch (protocol) {
    case UDP:
      return decodeUdp(bytes, start, end, pseudo);
    case TCP:
      return decodeTcp(bytes, start, end, pseudo);
    case UDP_LITE:
      return decodeUdpLite(bytes, start, end, pseudo);
    case SCTP:
      return decodeSctp(bytes, start, end);
    case ICMP:
      return decodeIcmp(bytes, start, end, 0);
    default:
      return 'protocol';
  }
};

/** The number of bytes that `encodeTransport` writes. */
export const transportLength = (payload: Transport | Opaque): number =>
  match(payload)
    .with({ kind: 'opaque' }, ({ bytes }) => sizeOf(bytes, 'IP payload'))
    .with({ kind: 'udp' }, udpLength)
    .with({ kind: 'udp-lite' }, udpLiteLength)
    .with({ kind: 'sctp' }, sctpLength)
    .with({ kind: 'tcp' }, tcpLength)
    .with({ kind: 'icmp' }, icmpLength)
    .exhaustive();

/** Writes a payload at `start`; `addresses` is the sum of both addresses' words. Throws a RangeError where a field cannot be expressed. */
export const encodeTransport = (bytes: Uint8Array, start: number, payload: Transport | Opaque, protocol: number, addresses: number): void => {
  const pseudo = addresses + protocol + transportLength(payload);
  match(payload)
    .with({ kind: 'opaque' }, (opaque) => writeHex(bytes, start, opaque.bytes, 'IP payload'))
    .with({ kind: 'udp' }, (udp) => encodeUdp(bytes, start, udp, pseudo))
    .with({ kind: 'udp-lite' }, (udpLite) => encodeUdpLite(bytes, start, udpLite, pseudo))
    .with({ kind: 'sctp' }, (sctp) => encodeSctp(bytes, start, sctp))
    .with({ kind: 'tcp' }, (tcp) => encodeTcp(bytes, start, tcp, pseudo))
    .with({ kind: 'icmp' }, (icmp) => encodeIcmp(bytes, start, icmp, 0))
    .exhaustive();
};
