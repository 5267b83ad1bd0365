/** Transports in bytes: what IP carries, read and written by the protocol number. */
import type { Opaque } from '../../spec/trace/packet.ts';
import { ICMP, ICMPV6, SCTP, TCP, type Transport, UDP, UDP_LITE } from '../../spec/trace/transport.ts';
import { decodeIcmp, encodeIcmp, icmpLength } from './icmp.ts';
import { readHex, sizeOf, writeHex } from './octets.ts';
import { decodeSctp, encodeSctp, sctpLength } from './sctp.ts';
import { decodeTcp, encodeTcp, tcpLength } from './tcp.ts';
import { decodeUdpLite, encodeUdpLite, udpLiteLength } from './udp-lite.ts';
import { decodeUdp, encodeUdp, udpLength } from './udp.ts';

/** `start` to `end` is what an IP version gives to the transport, `addresses` the sum of both addresses' words. */
export const decodeTransport = (bytes: Uint8Array, start: number, end: number, protocol: number, addresses: number, version: 4 | 6): Transport | Opaque => {
  const pseudo = addresses + protocol + end - start;
  const decoded = decodeAs(bytes, start, end, protocol, pseudo, version);
  return typeof decoded === 'string' ? { kind: 'opaque', bytes: readHex(bytes, start, end), why: decoded } : decoded;
};

const decodeAs = (bytes: Uint8Array, start: number, end: number, protocol: number, pseudo: number, version: 4 | 6): Transport | Opaque['why'] => {
  switch (protocol) {
    case UDP:
      return decodeUdp(bytes, start, end, pseudo);
    case TCP:
      return decodeTcp(bytes, start, end, pseudo);
    case UDP_LITE:
      return decodeUdpLite(bytes, start, end, pseudo, version);
    case SCTP:
      return decodeSctp(bytes, start, end);
    case ICMP:
      return version === 4 ? decodeIcmp(bytes, start, end, 0) : 'protocol';
    case ICMPV6:
      return version === 6 ? decodeIcmp(bytes, start, end, pseudo) : 'protocol';
    default:
      return 'protocol';
  }
};

/** The number of bytes that `encodeTransport` writes. */
export const transportLength = (payload: Transport | Opaque): number => {
  switch (payload.kind) {
    case 'opaque':
      return sizeOf(payload.bytes, 'IP payload');
    case 'udp':
      return udpLength(payload);
    case 'udp-lite':
      return udpLiteLength(payload);
    case 'sctp':
      return sctpLength(payload);
    case 'tcp':
      return tcpLength(payload);
    case 'icmp':
    default:
      return icmpLength(payload);
  }
};

/** Writes a payload at `start`; `addresses` is the sum of both addresses' words. Throws a RangeError where a field cannot be expressed. */
export const encodeTransport = (bytes: Uint8Array, start: number, payload: Transport | Opaque, protocol: number, addresses: number, version: 4 | 6): void => {
  const pseudo = addresses + protocol + transportLength(payload);
  switch (payload.kind) {
    case 'opaque':
      return writeHex(bytes, start, payload.bytes, 'IP payload');
    case 'udp':
      return encodeUdp(bytes, start, payload, pseudo);
    case 'udp-lite':
      return encodeUdpLite(bytes, start, payload, pseudo, version);
    case 'sctp':
      return encodeSctp(bytes, start, payload);
    case 'tcp':
      return encodeTcp(bytes, start, payload, pseudo);
    case 'icmp':
      return encodeIcmp(bytes, start, payload, version === 4 ? 0 : pseudo);
  }
};
