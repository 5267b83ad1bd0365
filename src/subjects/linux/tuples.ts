/**
 * Tuples as ctnetlink writes them. Source: include/uapi/linux/netfilter/nfnetlink_conntrack.h; nf_conntrack_netlink.c
 * ctnetlink_dump_tuples(), ctnetlink_parse_tuple().
 */
import { ICMP } from '../../../spec/trace/transport.ts';
import type { Tuple } from '../../../spec/tuple.ts';
import type { ZoneId } from '../../../spec/zone.ts';
import { attributeEnd, findAttribute, type MessageWriter } from './netlink.ts';

export const CTA_TUPLE_IP = 1;
export const CTA_TUPLE_PROTO = 2;
/** Inside a tuple. */
export const CTA_TUPLE_ZONE = 3;
const CTA_IP_V4_SRC = 1;
const CTA_IP_V4_DST = 2;
const CTA_PROTO_NUM = 1;
const CTA_PROTO_SRC_PORT = 2;
const CTA_PROTO_DST_PORT = 3;
const CTA_PROTO_ICMP_ID = 4;
const CTA_PROTO_ICMP_TYPE = 5;
const CTA_PROTO_ICMP_CODE = 6;

/** Writes a tuple as an attribute of this type, with a zone that is to count in its direction if one is given. */
export const writeTuple = (message: MessageWriter, type: number, { source, destination, protocol, sourcePort, destinationPort }: Tuple, zone?: ZoneId): void =>
  message.nested(type, () => {
    message.nested(CTA_TUPLE_IP, () => {
      message.attribute(CTA_IP_V4_SRC, addressBytes(source));
      message.attribute(CTA_IP_V4_DST, addressBytes(destination));
    });
    message.nested(CTA_TUPLE_PROTO, () => {
      message.attribute(CTA_PROTO_NUM, Uint8Array.of(protocol));
      if (protocol === ICMP) {
        message.attribute(CTA_PROTO_ICMP_ID, shortBytes(sourcePort));
        message.attribute(CTA_PROTO_ICMP_TYPE, Uint8Array.of(destinationPort >> 8));
        message.attribute(CTA_PROTO_ICMP_CODE, Uint8Array.of(destinationPort));
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

/** Reads the tuple whose attribute's value starts at `at`. Throws if it is none of IPv4. */
export const readTuple = (buffer: Buffer, at: number): Tuple => {
  const within = (value: number, type: number): number => (value < 0 ? -1 : findAttribute(buffer, value, attributeEnd(buffer, value), type));
  const [ip, protocol] = [within(at, CTA_TUPLE_IP), within(at, CTA_TUPLE_PROTO)];
  const [source, destination] = [within(ip, CTA_IP_V4_SRC), within(ip, CTA_IP_V4_DST)];
  const number = within(protocol, CTA_PROTO_NUM);
  if (source < 0 || destination < 0 || number < 0) throw new Error('the kernel lists a connection that is none of IPv4');
  const octet = (type: number): number => buffer.readUInt8(within(protocol, type));
  const port = (type: number): number => {
    const value = within(protocol, type);
    return value < 0 ? 0 : buffer.readUInt16BE(value);
  };
  const isIcmp = buffer.readUInt8(number) === ICMP;
  return {
    source: buffer.subarray(source, source + 4).join('.'),
    destination: buffer.subarray(destination, destination + 4).join('.'),
    protocol: buffer.readUInt8(number),
    sourcePort: port(isIcmp ? CTA_PROTO_ICMP_ID : CTA_PROTO_SRC_PORT),
    destinationPort: isIcmp ? octet(CTA_PROTO_ICMP_TYPE) * 256 + octet(CTA_PROTO_ICMP_CODE) : port(CTA_PROTO_DST_PORT),
  };
};

const addressBytes = (address: string): Uint8Array => Uint8Array.from(address.split('.'), Number);

/** 16 bits, as netfilter wants them. */
export const shortBytes = (value: number): Uint8Array => Uint8Array.of(value >> 8, value);
