/**
 * IPv6 headers as bytes: what an ICMPv6 error quotes. Source: RFC 8200.
 */
import { type Bytes, bytesOf, type Ipv6, lengthOf } from '../trace/packet.ts';
import { writeAddress6 } from './address.ts';
import { firstOf, writeChain } from './extensions.ts';
import { transportLength } from './transport.ts';

/** The header's bytes, 40, and the extension headers behind it. */
export const writeHeader6 = (packet: Ipv6): Bytes => {
  const { extensions, protocol, length } = packet;
  const chain = writeChain(extensions, protocol);
  const payload = length === 'right' ? lengthOf(chain) + transportLength(packet.payload) : length.claimed;
  const first = bytesOf(6 * 2 ** 28 + packet.trafficClass * 2 ** 20 + packet.flowLabel, 4) + bytesOf(payload, 2);
  const second = bytesOf(firstOf(extensions, protocol), 1) + bytesOf(packet.hopLimit, 1);
  return first + second + writeAddress6(packet.source) + writeAddress6(packet.destination) + chain;
};
