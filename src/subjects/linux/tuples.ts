/**
 * Tuples as ctnetlink writes them. Source: include/uapi/linux/netfilter/nfnetlink_conntrack.h; nf_conntrack_netlink.c
 * ctnetlink_dump_tuples(), ctnetlink_parse_tuple().
 */
import { ICMP, ICMPV6 } from '../../../spec/trace/transport.ts';
import type { Tuple } from '../../../spec/tuple.ts';
import { isIpv6 } from '../../../spec/wire/address.ts';
import type { ZoneId } from '../../../spec/zone.ts';
import { readAddress6, writeAddress6 } from '../../packet/address6.ts';
import { attributeEnd, findAttribute, type MessageWriter } from './netlink.ts';

export const CTA_TUPLE_IP = 1;
export const CTA_TUPLE_PROTO = 2;
/** Inside a tuple. */
export const CTA_TUPLE_ZONE = 3;
/** Source and destination of each version. */
const CTA_IP_V4 = [1, 2] as const;
const CTA_IP_V6 = [3, 4] as const;
const CTA_PROTO_NUM = 1;
const CTA_PROTO_SRC_PORT = 2;
const CTA_PROTO_DST_PORT = 3;
/** The first of three attributes in a row: identifier, type and code. */
const CTA_PROTO_ICMP: ReadonlyMap<number, number> = new Map([
  [ICMP, 4],
  [ICMPV6, 7],
]);

/** Writes a tuple as an attribute of this type, with a zone that is to count in its direction if one is given. */
export const writeTuple = (message: MessageWriter, type: number, { source, destination, protocol, sourcePort, destinationPort }: Tuple, zone?: ZoneId): void =>
  message.nested(type, () => {
    message.nested(CTA_TUPLE_IP, () => {
      for (const [place, address] of [source, destination].entries()) {
        message.attribute((isIpv6(address) ? CTA_IP_V6 : CTA_IP_V4)[place] ?? 0, addressBytes(address));
      }
    });
    message.nested(CTA_TUPLE_PROTO, () => {
      message.attribute(CTA_PROTO_NUM, Uint8Array.of(protocol));
      const icmp = CTA_PROTO_ICMP.get(protocol);
      if (icmp !== undefined) {
        message.attribute(icmp, shortBytes(sourcePort));
        message.attribute(icmp + 1, Uint8Array.of(destinationPort >> 8));
        message.attribute(icmp + 2, Uint8Array.of(destinationPort));
        return;
      }
      message.attribute(CTA_PROTO_SRC_PORT, shortBytes(sourcePort));
      message.attribute(CTA_PROTO_DST_PORT, shortBytes(destinationPort));
    });
    if (zone !== undefined) message.attribute(CTA_TUPLE_ZONE, shortBytes(zone));
  });

/** The zone that counts in the direction of the tuple whose attribute's value starts at `at`; undefined if none is said. */
export const readTupleZone = (buffer: Buffer, at: number): ZoneId | undefined => {
  const zone = findAttribute(buffer, at, attributeEnd(buffer, at), CTA_TUPLE_ZONE);
  return zone < 0 ? undefined : buffer.readUInt16BE(zone);
};

/** Reads the tuple whose attribute's value starts at `at`. Throws if it is none of IP. */
export const readTuple = (buffer: Buffer, at: number): Tuple => {
  const within = (value: number, type: number): number => (value < 0 ? -1 : findAttribute(buffer, value, attributeEnd(buffer, value), type));
  const [ip, protocol] = [within(at, CTA_TUPLE_IP), within(at, CTA_TUPLE_PROTO)];
  const [source4, destination4] = CTA_IP_V4.map((type) => within(ip, type));
  const [source6, destination6] = CTA_IP_V6.map((type) => within(ip, type));
  const address = (four = -1, six = -1): string => {
    if (four < 0 && six < 0) throw new Error('the kernel lists a connection that is none of IP');
    return four < 0 ? readAddress6(buffer, six) : buffer.subarray(four, four + 4).join('.');
  };
  const number = buffer.readUInt8(within(protocol, CTA_PROTO_NUM));
  const octet = (type: number): number => buffer.readUInt8(within(protocol, type));
  const port = (type: number): number => {
    const value = within(protocol, type);
    return value < 0 ? 0 : buffer.readUInt16BE(value);
  };
  const icmp = CTA_PROTO_ICMP.get(number);
  return {
    source: address(source4, source6),
    destination: address(destination4, destination6),
    protocol: number,
    sourcePort: port(icmp ?? CTA_PROTO_SRC_PORT),
    destinationPort: icmp === undefined ? port(CTA_PROTO_DST_PORT) : octet(icmp + 1) * 256 + octet(icmp + 2),
  };
};

const addressBytes = (address: string): Uint8Array => {
  if (!isIpv6(address)) return Uint8Array.from(address.split('.'), Number);
  const bytes = new Uint8Array(16);
  writeAddress6(bytes, 0, address);
  return bytes;
};

/** 16 bits, as netfilter wants them. */
export const shortBytes = (value: number): Uint8Array => Uint8Array.of(value >> 8, value);
