/**
 * IPv4 headers as bytes: what an ICMP error quotes. Source: RFC 791.
 */
import { type Address, type Bytes, bytesOf, headerLength, type Ipv4 } from '../trace/packet.ts';
import { rightChecksum, valueOf } from './checksum.ts';
import { transportLength } from './transport.ts';

const CHECKSUM = 10;

/** The header's bytes, 20 to 60. */
export const writeHeader = (packet: Ipv4): Bytes => {
  const total = packet.length === 'right' ? headerLength(packet) + transportLength(packet.payload) : packet.length.claimed;
  const flags = (packet.reserved ? 0x8000 : 0) | (packet.df ? 0x4000 : 0) | (packet.mf ? 0x2000 : 0);
  const first = bytesOf(0x40 + headerLength(packet) / 4, 1) + bytesOf(packet.tos, 1) + bytesOf(total, 2) + bytesOf(packet.id, 2);
  const second = bytesOf(flags | (packet.offset / 8), 2) + bytesOf(packet.ttl, 1) + bytesOf(packet.protocol, 1);
  const addresses = writeAddress(packet.source) + writeAddress(packet.destination) + packet.options;
  const write = (checksum: number): Bytes => first + second + bytesOf(checksum, 2) + addresses;
  return write(valueOf(packet.checksum, rightChecksum(write(0), CHECKSUM, 0)));
};

/** Four bytes. */
export const writeAddress = (address: Address): Bytes =>
  address
    .split('.')
    .map((part) => bytesOf(Number.parseInt(part, 10), 1))
    .join('');
