/**
 * Open vSwitch: what of a packet inside an ICMP error is read.
 *
 * More has to be there than elsewhere: a whole packet, no fragment, with eight bytes of what it carries (of TCP in IPv6 all of
 * its header, which few errors have), from whom the error is for.
 *
 * Source: extract_l4_icmp(), extract_l4_icmp6(), extract_l3_ipv4(), ICMP_ERROR_DATA_L4_LEN in lib/conntrack.c.
 */
import { type Bytes, type Ip, lengthOf, numberAt, slice } from '../trace/packet.ts';
import { ICMP, ICMPV6, TCP, UDP } from '../trace/transport.ts';
import { icmpPorts, type Ports, type Tuple } from '../tuple.ts';
import { addressOf } from '../wire/address.ts';
import { readChain } from '../wire/extensions.ts';
import { answerTo, OVS_ICMP } from './answers.ts';

export type OvsQuote =
  /** The tuple of an answer to what is quoted. */
  | { readonly kind: 'tuple'; readonly answer: Tuple }
  | { readonly kind: 'invalid' };

const INVALID: OvsQuote = { kind: 'invalid' };

export const readOvsQuote = (error: Ip, bytes: Bytes): OvsQuote => (error.kind === 'ipv4' ? readQuote4(error, bytes) : readQuote6(error, bytes));

const readQuote4 = (error: Ip, bytes: Bytes): OvsQuote => {
  const header = (numberAt(bytes, 0, 1) & 0xf) * 4;
  if (lengthOf(bytes) < 20 || header < 20 || lengthOf(bytes) < header) return INVALID;
  if ((numberAt(bytes, 6, 2) & 0x3fff) > 0) return INVALID;
  const [source = '', destination = ''] = [12, 16].map((at) => [0, 1, 2, 3].map((place) => numberAt(bytes, at + place, 1)).join('.'));
  return quoteOf(error, { source, destination, protocol: numberAt(bytes, 9, 1) }, slice(bytes, header));
};

const readQuote6 = (error: Ip, bytes: Bytes): OvsQuote => {
  if (lengthOf(bytes) < 40) return INVALID;
  const { extensions, protocol, bytes: behind, why } = readChain(numberAt(bytes, 6, 1), slice(bytes, 40));
  if (why !== undefined || extensions.some((header) => header.kind === 'fragment' && header.reserved % 4 > 0)) return INVALID;
  const [source = '', destination = ''] = [8, 24].map((at) => addressOf(slice(bytes, at, at + 16)));
  return quoteOf(error, { source, destination, protocol }, behind);
};

const quoteOf = (error: Ip, ends: Pick<Tuple, 'source' | 'destination' | 'protocol'>, bytes: Bytes): OvsQuote => {
  if (ends.source !== error.destination) return INVALID;
  const ports = portsOf(error.kind, ends.protocol, bytes);
  return ports ? { kind: 'tuple', answer: answerTo({ ...ends, ...ports }) } : INVALID;
};

const portsOf = (kind: Ip['kind'], protocol: number, bytes: Bytes): Ports | undefined => {
  if (protocol === UDP || protocol === TCP) {
    const [sourcePort, destinationPort] = [numberAt(bytes, 0, 2), numberAt(bytes, 2, 2)];
    const least = protocol === TCP && kind === 'ipv6' ? 20 : 8;
    return lengthOf(bytes) >= least && sourcePort > 0 && destinationPort > 0 ? { sourcePort, destinationPort } : undefined;
  }
  if (protocol !== (kind === 'ipv4' ? ICMP : ICMPV6)) return { sourcePort: 0, destinationPort: 0 };
  const { queries } = OVS_ICMP[kind];
  const [type, code] = [numberAt(bytes, 0, 1), numberAt(bytes, 1, 1)];
  const isQuery = queries.has(type) || [...queries.values()].includes(type);
  return lengthOf(bytes) >= 8 && isQuery && code === 0 ? icmpPorts({ identifier: numberAt(bytes, 4, 2), type, code }) : undefined;
};
