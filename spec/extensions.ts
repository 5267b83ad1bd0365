/**
 * IPv6 extension headers: what is done with them, and what is found behind them.
 *
 * A router looks into hop-by-hop options where they stand first, and into no other header. Connection tracking looks
 * into none: it steps from header to header to the protocol behind, as each says how long it is, be it beyond the end.
 *
 * Source: RFC 8200 sections 4.1 to 4.7; ip6_parse_tlv(), ipv6_skip_exthdr(), ip6_find_1stfragopt(), ipv6_get_l4proto().
 */
import type { Rules } from './rule.ts';
import { type Bytes, type Extension, extensionLength, type Ip, type Ipv4, type Ipv6, isFragment, lengthOf, numberAt, slice } from './trace/packet.ts';
import { firstOf, FRAGMENT, HOP_BY_HOP, DESTINATION_OPTIONS, isExtension, lengthOfHeader, NO_NEXT_HEADER, readChain, ROUTING, writeChain } from './wire/extensions.ts';
import { readTransport, writeTransport } from './wire/transport.ts';

export const extensionRules = {
  'extensions.no-protocol': {
    sentence: 'IPv6 in which no protocol is found is invalid: its headers end before, say that nothing follows, or it is a fragment behind the first.',
    source: 'ipv6_get_l4proto(), nf_conntrack_in()',
  },
} as const satisfies Rules;

/** `acted on`: a router would do what they ask, which this model does not do. */
export type HopByHop = 'readable' | 'acted on' | 'refused';

const [PAD_1, PAD_N, ROUTER_ALERT, CALIPSO, IOAM, JUMBO] = [0, 1, 5, 7, 0x31, 0xc2];
const MOST_PADDING = 7;
const MOST_OPTIONS = 8;

/** Reads hop-by-hop options, all of a header behind its length. */
export const readHopByHop = (options: Bytes): HopByHop => {
  let [at, padding, count] = [0, 0, 0];
  let found: HopByHop = 'readable';
  while (at < lengthOf(options)) {
    const type = numberAt(options, at, 1);
    const length = type === PAD_1 ? 1 : 2 + numberAt(options, at + 1, 1);
    // Not a number where the length itself is cut off.
    if (!(at + length <= lengthOf(options))) return 'refused';
    if (type === PAD_1 || type === PAD_N) {
      padding += length;
      if (padding > MOST_PADDING || /[1-9a-f]/.test(slice(options, at + 2, at + length))) return 'refused';
    } else {
      padding = 0;
      count += 1;
      if (count > MOST_OPTIONS || isRefused(type, length)) return 'refused';
      if (type === CALIPSO || type === IOAM) found = 'acted on';
    }
    at += length;
  }
  return found;
};

/** The two highest bits of an unknown option say what to do; a jumbo length contradicts the one that every packet here has. */
const isRefused = (type: number, length: number): boolean => {
  if (type === ROUTER_ALERT) return length !== 4;
  return type === JUMBO || type >= 0x40;
};

export type Upper = {
  readonly protocol: number;
  /** Where it begins, in bytes; perhaps beyond the end. */
  readonly start: number;
};

/** The protocol behind the headers, of which the first is called `first`; undefined if there is none. */
export const skipExtensions = (first: number, bytes: Bytes): Upper | undefined => {
  let [protocol, start] = [first, 0];
  while (isExtension(protocol)) {
    const header = slice(bytes, start);
    if (lengthOf(header) < 2) return undefined;
    // Its offset has to be there, and 0.
    if (protocol === FRAGMENT && !(numberAt(header, 2, 2) < 8 && lengthOf(header) >= 4)) return undefined;
    [protocol, start] = [numberAt(header, 0, 1), start + lengthOfHeader(protocol, header)];
  }
  return protocol === NO_NEXT_HEADER ? undefined : { protocol, start };
};

/** All that stands behind the fixed header, and what the first of it is called. */
export const behindHeader = ({ extensions, protocol, ...packet }: Ipv6): { readonly first: number; readonly bytes: Bytes } => ({
  first: firstOf(extensions, protocol),
  bytes: writeChain(extensions, protocol) + writeTransport({ protocol, ...packet }),
});

/**
 * The packet as tracking reads it: its protocol, and that in its payload. A first fragment that went on by itself is
 * read as far as it goes. Undefined if no protocol is found.
 */
export const asTracked = (packet: Ip): Ip | undefined => {
  if (packet.kind === 'ipv4') return isFragment(packet) ? asTracked4(packet) : packet;
  if (isPlain(packet)) return packet;
  const { first, bytes } = behindHeader(packet);
  const upper = skipExtensions(first, bytes);
  if (!upper) return undefined;
  const { protocol, start } = upper;
  return { ...packet, protocol, payload: readTransport({ ...packet, protocol }, slice(bytes, start)) };
};

const asTracked4 = (fragment: Ipv4): Ipv4 | undefined =>
  fragment.offset === 0 && fragment.payload.kind === 'opaque' ? { ...fragment, payload: readTransport(fragment, fragment.payload.bytes) } : undefined;

const isPlain = (packet: Ipv6): boolean => !isFragment(packet) && !isExtension(packet.protocol) && packet.protocol !== NO_NEXT_HEADER;

/**
 * A packet with this header, these extension headers, and behind them bytes of which the first header is called
 * `protocol`: the chain goes on as far as it can be read.
 */
export const withBehind = (header: Ipv6, extensions: readonly Extension[], protocol: number, bytes: Bytes): Ipv6 => {
  const packet = { ...header, extensions, protocol };
  if (isFragment(packet)) return { ...packet, payload: { kind: 'opaque', bytes, why: 'fragment' } };
  const chain = readChain(protocol, bytes);
  const read = { ...header, extensions: [...extensions, ...chain.extensions], protocol: chain.protocol };
  return {
    ...read,
    payload: chain.why === undefined ? readTransport(read, chain.bytes) : { kind: 'opaque', bytes: chain.bytes, why: chain.why },
  };
};

/**
 * How many extension headers every piece of a datagram has to carry: hop-by-hop, routing, and destination options that
 * do not stand behind a routing header. Undefined if one of them is not all there.
 */
export const unfragmentable = ({ extensions, protocol }: Ipv6): number | undefined => {
  let routed = false;
  for (const [index, { kind }] of extensions.entries()) {
    if (kind === 'fragment' || kind === 'authentication' || (kind === 'destination-options' && routed)) return index;
    routed ||= kind === 'routing';
  }
  const cutOff = protocol === HOP_BY_HOP || protocol === ROUTING || (protocol === DESTINATION_OPTIONS && !routed);
  return cutOff ? undefined : extensions.length;
};

/** The bytes of extension headers. */
export const lengthOfAll = (extensions: readonly Extension[]): number => extensions.reduce((sum, header) => sum + extensionLength(header), 0);
