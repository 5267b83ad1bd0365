/**
 * Quotes: what of a packet inside an ICMP error is read, which is its tuple and nothing else.
 *
 * Neither version nor checksums of the quoted packet are looked at, and it may end behind the part that has ports.
 *
 * Source: nf_ct_get_tuplepr(), ipv4_get_l4proto(), ipv6_get_l4proto(), nf_ct_get_tuple(), icmp_pkt_to_tuple().
 */
import { realmOf } from './realm.ts';
import { grePorts } from './gre.ts';
import type { Rules } from './rule.ts';
import { skipExtensions } from './extensions.ts';
import { icmpTypes } from './icmp-types.ts';
import { type Address, type Bytes, type Ip, lengthOf, numberAt, slice } from './trace/packet.ts';
import { GRE, SCTP, TCP, UDP, UDP_LITE } from './trace/transport.ts';
import { addressOf } from './wire/address.ts';
import { icmpPorts, type Ports, type Tuple, tupleOf } from './tuple.ts';

export const quoteRules = {
  'quote.short': {
    sentence: 'A quote that ends before its header does, by the length that the header claims, or before its ports, names no flow.',
    source: 'ipv4_get_l4proto(), "bogus IPv4 packet"; nf_ct_get_tuple_ports()',
  },
  'quote.fragment': {
    sentence: 'A quoted fragment that is not the first has no ports, so it names no flow.',
    source: 'ipv4_get_l4proto(), IP_OFFSET',
  },
  'quote.no-protocol': {
    sentence: 'A quote of IPv6 in which no protocol is found, as in a fragment that is not the first, names no flow.',
    source: 'ipv6_get_l4proto()',
  },
  'quote.tuple': {
    sentence: 'Any other quote has the tuple of the packet that was sent.',
    source: 'nf_ct_get_tuplepr()',
  },
} as const satisfies Rules;

export type Quote =
  | { readonly rule: 'quote.tuple'; readonly tuple: Tuple }
  | { readonly rule: 'quote.short' | 'quote.fragment' | 'quote.no-protocol'; readonly tuple?: never };

const HEADER = 20;
const [FRAGMENT, PROTOCOL, SOURCE, DESTINATION] = [6, 9, 12, 16];

/** The packet that an error carries: of the same version of IP, whatever it says itself. */
export const readQuote = (error: Ip, bytes: Bytes): Quote => (error.kind === 'ipv4' ? readQuote4(error, bytes) : readQuote6(error, bytes));

const readQuote4 = (error: Ip, bytes: Bytes): Quote => {
  if (lengthOf(bytes) < HEADER) return { rule: 'quote.short' };
  if ((numberAt(bytes, FRAGMENT, 2) & 0x1fff) > 0) return { rule: 'quote.fragment' };
  // The header's length may be anything from 0 to 60, even inside the header.
  const header = (numberAt(bytes, 0, 1) & 0xf) * 4;
  const protocol = numberAt(bytes, PROTOCOL, 1);
  const ports = header > lengthOf(bytes) ? undefined : portsOf(protocol, slice(bytes, header));
  if (!ports) return { rule: 'quote.short' };
  const realm = realmOf(error.source);
  const [source, destination] = [SOURCE, DESTINATION].map((at) => addressAt(bytes, at) + realm);
  return { rule: 'quote.tuple', tuple: tupleOf({ source: source ?? '', destination: destination ?? '', protocol }, ports) };
};

const HEADER_6 = 40;
const [NEXT_6, SOURCE_6, DESTINATION_6] = [6, 8, 24];

const readQuote6 = (error: Ip, bytes: Bytes): Quote => {
  if (lengthOf(bytes) < HEADER_6) return { rule: 'quote.short' };
  const upper = skipExtensions(numberAt(bytes, NEXT_6, 1), slice(bytes, HEADER_6));
  if (!upper) return { rule: 'quote.no-protocol' };
  const { protocol, start } = upper;
  const ports = portsOf(protocol, slice(bytes, HEADER_6 + start));
  if (!ports) return { rule: 'quote.short' };
  const realm = realmOf(error.source);
  const [source, destination] = [SOURCE_6, DESTINATION_6].map((at) => addressOf(slice(bytes, at, at + 16)) + realm);
  return { rule: 'quote.tuple', tuple: tupleOf({ source: source ?? '', destination: destination ?? '', protocol }, ports) };
};

const WITH_PORTS: ReadonlySet<number> = new Set([TCP, UDP, UDP_LITE, SCTP]);

/** What the first bytes of a transport have for ports, undefined if they are too few or name no flow; 0 for what has none. */
const portsOf = (protocol: number, bytes: Bytes): Ports | undefined => {
  if (WITH_PORTS.has(protocol)) {
    return lengthOf(bytes) < 4 ? undefined : { sourcePort: numberAt(bytes, 0, 2), destinationPort: numberAt(bytes, 2, 2) };
  }
  if (protocol === GRE) return grePorts(bytes);
  if (!icmpTypes.has(protocol)) return { sourcePort: 0, destinationPort: 0 };
  if (lengthOf(bytes) < 8) return undefined;
  return icmpPorts({ identifier: numberAt(bytes, 4, 2), type: numberAt(bytes, 0, 1), code: numberAt(bytes, 1, 1) });
};

const addressAt = (bytes: Bytes, at: number): Address => [0, 1, 2, 3].map((place) => numberAt(bytes, at + place, 1)).join('.');
