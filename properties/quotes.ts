/**
 * Quotes: the names inside packets that ICMP errors quote, so that they can change along with those outside.
 *
 * Nothing verifies a quoted checksum, so they are left as they are.
 */
import { skipExtensions, type Upper } from '../spec/extensions.ts';
import { icmpTypes } from '../spec/icmp-types.ts';
import { type Address, type Bytes, bytesOf, type Ip, lengthOf, numberAt, slice } from '../spec/trace/packet.ts';
import { ICMP, ICMPV6, TCP, UDP } from '../spec/trace/transport.ts';
import { addressOf, wordsOf } from '../spec/wire/address.ts';

/** Where a header has what names a flow, in bytes. */
const LAYOUT = {
  ipv4: { header: 20, source: 12, destination: 16, address: 4 },
  ipv6: { header: 40, source: 8, destination: 24, address: 16 },
} as const;
const [PROTOCOL_4, NEXT_6] = [9, 6];

/** The quoted bytes of an error that came whole, if they hold a header. */
const quoteIn = ({ kind, protocol, payload }: Ip): Bytes | undefined =>
  payload.kind === 'icmp' && icmpTypes.get(protocol)?.errors.has(payload.type) && lengthOf(payload.payload) >= LAYOUT[kind].header ? payload.payload : undefined;

const withQuote = (packet: Ip, bytes: Bytes): Ip => {
  const { payload } = packet;
  return payload.kind === 'icmp' && payload.payload !== bytes ? { ...packet, payload: { ...payload, payload: bytes } } : packet;
};

const replaced = (bytes: Bytes, at: number, others: Bytes): Bytes => slice(bytes, 0, at) + others + slice(bytes, at + lengthOf(others));

/** Source and destination of the quoted packet; none if nothing is quoted. */
export const quotedAddresses = (packet: Ip): readonly Address[] => {
  const quote = quoteIn(packet);
  const { source, destination, address } = LAYOUT[packet.kind];
  return quote === undefined ? [] : [source, destination].map((at) => addressIn(slice(quote, at, at + address)));
};

/** The packet with other addresses in what it quotes. */
export const withQuotedAddresses = (packet: Ip, nameOf: (address: Address) => Address): Ip => {
  const quote = quoteIn(packet);
  if (quote === undefined) return packet;
  const { source, destination, address } = LAYOUT[packet.kind];
  return withQuote(packet, [source, destination].reduce((bytes, at) => replaced(bytes, at, bytesOfAddress(nameOf(addressIn(slice(bytes, at, at + address))))), quote));
};

/** Four bytes or sixteen. */
const addressIn = (bytes: Bytes): Address =>
  lengthOf(bytes) === LAYOUT.ipv4.address ? [0, 1, 2, 3].map((at) => numberAt(bytes, at, 1)).join('.') : addressOf(bytes);

const bytesOfAddress = (address: Address): Bytes => wordsOf(address).map((word) => bytesOf(word, 2)).join('');

/** The packet with other ports, or another ICMP identifier, in what it quotes. */
export const withQuotedPorts = (packet: Ip, nameOf: (port: number) => number): Ip => {
  const quote = quoteIn(packet);
  const upper = quote === undefined ? undefined : upperOf(packet.kind, quote);
  if (quote === undefined || !upper) return packet;
  const places = portsIn(quote, upper).filter((at) => at + 2 <= lengthOf(quote));
  return withQuote(packet, places.reduce((bytes, at) => replaced(bytes, at, bytesOf(nameOf(numberAt(bytes, at, 2)), 2)), quote));
};

/** What the quoted packet carries, and where it begins; undefined if it does not say. */
const upperOf = (kind: Ip['kind'], quote: Bytes): Upper | undefined => {
  const { header } = LAYOUT[kind];
  if (kind === 'ipv4') {
    const start = (numberAt(quote, 0, 1) & 0xf) * 4;
    return start < header ? undefined : { protocol: numberAt(quote, PROTOCOL_4, 1), start };
  }
  const upper = skipExtensions(numberAt(quote, NEXT_6, 1), slice(quote, header));
  return upper && { ...upper, start: header + upper.start };
};

const portsIn = (quote: Bytes, { protocol, start }: Upper): readonly number[] => {
  if (protocol === UDP || protocol === TCP) return [start, start + 2];
  return (protocol === ICMP || protocol === ICMPV6) && isQuery({ type: numberAt(quote, start, 1) }) ? [start + 4] : [];
};

/** Whether an ICMP message has an identifier that means something: a request's or an answer's. */
export const isQuery = ({ type }: { readonly type: number }): boolean => QUERIES.has(type);

const QUERIES: ReadonlySet<number> = new Set([ICMP, ICMPV6].flatMap((protocol) => [...(icmpTypes.get(protocol)?.answers ?? [])].flat()));
