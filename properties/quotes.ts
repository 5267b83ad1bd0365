/**
 * Quotes: the names inside packets that ICMP errors quote, so that they can change along with those outside.
 *
 * Nothing verifies a quoted checksum, so they are left as they are.
 */
import { icmpTypes } from '../spec/icmp-types.ts';
import { type Address, type Bytes, bytesOf, type Ipv4, lengthOf, numberAt, slice } from '../spec/trace/packet.ts';
import { ICMP, TCP, UDP } from '../spec/trace/transport.ts';
import { writeAddress } from '../spec/wire/ipv4.ts';

const HEADER = 20;
const [PROTOCOL, SOURCE, DESTINATION] = [9, 12, 16];

/** The quoted bytes of an error that came whole, if they hold a header. */
const quoteIn = ({ protocol, payload }: Ipv4): Bytes | undefined =>
  payload.kind === 'icmp' && icmpTypes.get(protocol)?.errors.has(payload.type) && lengthOf(payload.payload) >= HEADER ? payload.payload : undefined;

const withQuote = (packet: Ipv4, bytes: Bytes): Ipv4 => {
  const { payload } = packet;
  return payload.kind === 'icmp' && payload.payload !== bytes ? { ...packet, payload: { ...payload, payload: bytes } } : packet;
};

const addressAt = (bytes: Bytes, at: number): Address => [0, 1, 2, 3].map((place) => numberAt(bytes, at + place, 1)).join('.');

const replaced = (bytes: Bytes, at: number, others: Bytes): Bytes => slice(bytes, 0, at) + others + slice(bytes, at + lengthOf(others));

/** Source and destination of the quoted packet; none if nothing is quoted. */
export const quotedAddresses = (packet: Ipv4): readonly Address[] => {
  const quote = quoteIn(packet);
  return quote === undefined ? [] : [SOURCE, DESTINATION].map((at) => addressAt(quote, at));
};

/** The packet with other addresses in what it quotes. */
export const withQuotedAddresses = (packet: Ipv4, nameOf: (address: Address) => Address): Ipv4 => {
  const quote = quoteIn(packet);
  if (quote === undefined) return packet;
  return withQuote(packet, [SOURCE, DESTINATION].reduce((bytes, at) => replaced(bytes, at, writeAddress(nameOf(addressAt(bytes, at)))), quote));
};

/** The packet with other ports, or another ICMP identifier, in what it quotes. */
export const withQuotedPorts = (packet: Ipv4, nameOf: (port: number) => number): Ipv4 => {
  const quote = quoteIn(packet);
  if (quote === undefined) return packet;
  const start = (numberAt(quote, 0, 1) & 0xf) * 4;
  const places = start < HEADER ? [] : portsIn(quote, start).filter((at) => at + 2 <= lengthOf(quote));
  return withQuote(packet, places.reduce((bytes, at) => replaced(bytes, at, bytesOf(nameOf(numberAt(bytes, at, 2)), 2)), quote));
};

const portsIn = (quote: Bytes, start: number): readonly number[] => {
  const protocol = numberAt(quote, PROTOCOL, 1);
  if (protocol === UDP || protocol === TCP) return [start, start + 2];
  return protocol === ICMP && isQuery({ type: numberAt(quote, start, 1) }) ? [start + 4] : [];
};

/** Whether an ICMP message has an identifier that means something: a request's or an answer's. */
export const isQuery = ({ type }: { readonly type: number }): boolean => QUERIES.has(type);

const QUERIES: ReadonlySet<number> = new Set([...(icmpTypes.get(ICMP)?.answers ?? [])].flat());
