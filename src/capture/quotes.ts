/**
 * Quotes: which captured packet an ICMP error speaks of, so that it can speak of it as a tenant played it.
 *
 * An error carries the IP header and the first bytes of a packet as it was where it could go no further, or as it was
 * put together there. It is looked for among the packets before the error, the latest first.
 *
 * Source: RFC 792; RFC 1812 section 4.3.2.3 and RFC 4443 section 2.4 (as much of the packet as fits).
 */
import { icmpTypes } from '../../spec/icmp-types.ts';
import { headerLength, lengthOf, slice } from '../../spec/trace/packet.ts';
import type { Bytes, Ip, Packet } from '../../spec/trace/packet.ts';
import { decode } from '../packet/index.ts';
import { beginningOf, offsetOf } from './datagrams.ts';
import type { Datagram } from './datagrams.ts';

/** The first `bytes` bytes of a datagram, behind an IP header. */
export type Quote = { readonly header: Bytes; readonly datagram: Datagram; readonly bytes: number };

/** As much as every error quotes of what IP carries, which tells the packets of a flow apart. */
const LEAST_BYTES = 8;

/** Whether a packet is an error, which quotes another. */
export const isError = ({ protocol, payload }: Ip): boolean =>
  payload.kind === 'icmp' && icmpTypes.get(protocol)?.errors.has(payload.type) === true;

/** What each packet quotes, by index; nothing for one that is no error, or about what was not captured before. */
export const quotesIn = (packets: readonly Ip[], datagrams: readonly Datagram[]): ReadonlyMap<number, Quote> => {
  const quotes = new Map<number, Quote>();
  const begun = new Map<string, Datagram>();
  for (const [index, packet] of packets.entries()) {
    const datagram = datagrams[index];
    if (!datagram) continue;
    const quote = quoteIn(packet, begun);
    if (quote) quotes.set(index, quote);
    if (offsetOf(packet) === 0) begun.set(keyOf(packet, beginningOf(datagram).bytes), datagram);
  }
  return quotes;
};

const quoteIn = (packet: Ip, begun: ReadonlyMap<string, Datagram>): Quote | undefined => {
  if (!isError(packet) || packet.payload.kind !== 'icmp') return undefined;
  const { payload } = packet.payload;
  const quoted = quotedBy(packet.kind, payload);
  if (quoted.kind !== packet.kind) return undefined;
  const data = slice(payload, headerLength(quoted));
  const datagram = begun.get(keyOf(quoted, data));
  if (!datagram || !beginningOf(datagram).bytes.startsWith(data)) return undefined;
  return { header: slice(payload, 0, headerLength(quoted)), datagram, bytes: lengthOf(data) };
};

/** The quoted packet, as if it ended where the quote does, because the headers of an IPv6 packet cannot be told otherwise. */
const quotedBy = (kind: Ip['kind'], quote: Bytes): Packet => {
  const bytes = Buffer.from(quote, 'hex');
  if (kind === 'ipv6' && bytes.length >= HEADER6) bytes.writeUInt16BE(bytes.length - HEADER6, PAYLOAD_LENGTH);
  return decode(bytes);
};

const [PAYLOAD_LENGTH, HEADER6] = [4, 40];

/** IPv6 has an id in fragments only, and a datagram that was put together has none. */
const keyOf = (packet: Ip, bytes: Bytes): string => {
  const { source, destination, protocol } = packet;
  const id = packet.kind === 'ipv4' ? packet.id : '';
  return `${source} ${destination} ${protocol} ${id} ${slice(bytes, 0, LEAST_BYTES)}`;
};
