/**
 * Rewriting: one end of a packet becomes another, in its bytes, and its checksums follow (RFC 1624): a right one stays
 * right, a wrong one as wrong as it was.
 *
 * That is how a quoted packet is rewritten, of which only the beginning may be there, and an IPv6 packet, whose protocol
 * stands behind headers.
 *
 * Source: nf_nat_ipv4_manip_pkt(), nf_nat_ipv6_manip_pkt(), l4proto_manip_pkt().
 */
import { skipExtensions } from './extensions.ts';
import { icmpTypes } from './icmp-types.ts';
import type { Side } from './nat.ts';
import { withoutRealm } from './realm.ts';
import { type Bytes, bytesOf, type Ip, lengthOf, numberAt, slice } from './trace/packet.ts';
import { GRE, ICMP, ICMPV6, SCTP, TCP, UDP, UDP_LITE } from './trace/transport.ts';
import type { Tuple } from './tuple.ts';
import { writeAddress6 } from './wire/address.ts';
import { MODULUS } from './wire/checksum.ts';
import { crc32c } from './wire/crc32c.ts';
import { writeAddress } from './wire/ipv4.ts';

/** `head`: how many bytes behind its fixed header had to be in one piece. */
export type Rewritten = { readonly bytes: Bytes; readonly head: number };

/** A packet, or as much of it as is there, with an end of this tuple; undefined if too little is there. Realms stay out of bytes. */
export const rewritten = (version: Ip['kind'], bytes: Bytes, target: Tuple, side: Side): Rewritten | undefined => {
  const { size, at, write } = LAYOUT[version];
  const place = at[side];
  const to = write(withoutRealm(target[side]));
  const transport = transportOf(version, bytes);
  const ported = transport === undefined ? { bytes, head: size } : withPort(bytes, transport, target, side, changeOf(bytes, place, to));
  if (!ported) return undefined;
  // Ports may have stood in the header.
  const summed = version === 'ipv4' ? withChecksum(ported.bytes, HEADER_CHECKSUM, changeOf(ported.bytes, place, to)) : ported.bytes;
  return { bytes: withBytes(summed, place, to), head: Math.max(0, ported.head - size) };
};

const LAYOUT = {
  ipv4: { size: 20, at: { source: 12, destination: 16 }, write: writeAddress },
  ipv6: { size: 40, at: { source: 8, destination: 24 }, write: writeAddress6 },
} as const;
const HEADER_CHECKSUM = 10;
const NEXT_HEADER = 6;

/** Where the transport begins. The length of IPv4's header is believed, even where ports then stand in the header. */
const transportOf = (version: Ip['kind'], bytes: Bytes): number | undefined => {
  if (version === 'ipv4') return (numberAt(bytes, 0, 1) & 0xf) * 4;
  const upper = skipExtensions(numberAt(bytes, NEXT_HEADER, 1), slice(bytes, LAYOUT.ipv6.size));
  return upper && LAYOUT.ipv6.size + upper.start;
};

/** What is added to a sum, modulo its modulus, if bytes at a place become others. */
const changeOf = (bytes: Bytes, at: number, to: Bytes): number => sumOfWords(to) - sumOfWords(slice(bytes, at, at + lengthOf(to)));

const sumOfWords = (bytes: Bytes): number => {
  let sum = 0;
  for (let at = 0; at < lengthOf(bytes); at += 2) sum += numberAt(bytes, at, 2);
  return sum;
};

const withBytes = (bytes: Bytes, at: number, to: Bytes): Bytes => slice(bytes, 0, at) + to + slice(bytes, at + lengthOf(to));

/** The checksum at a place, be it right or wrong, for words whose sum has changed. Never a negative zero. */
const withChecksum = (bytes: Bytes, at: number, change: number): Bytes => {
  const sum = (MODULUS - numberAt(bytes, at, 2) + change) % MODULUS;
  return withBytes(bytes, at, bytesOf((MODULUS - (sum < 0 ? sum + MODULUS : sum)) % MODULUS, 2));
};

/** The packet with another port behind its headers, which end at `start`; `change` is that of its address. */
const withPort = (bytes: Bytes, start: number, target: Tuple, side: Side, change: number): Rewritten | undefined => {
  const { protocol } = target;
  const present = lengthOf(bytes) - start;
  const least = NEEDED.get(protocol);
  if (least === undefined) return { bytes, head: 0 };
  if (present < 8) return undefined;
  const head = start + (present >= least ? least : 8);
  if (protocol === GRE) return isGreThatCanBe(slice(bytes, start), side) ? { bytes, head } : undefined;
  const at = start + portAt(protocol, side);
  const isKept = icmpTypes.has(protocol) && !hasIdentifier(protocol, numberAt(bytes, start, 1));
  if (isKept && protocol === ICMP) return { bytes, head };
  const to = isKept ? slice(bytes, at, at + 2) : bytesOf(icmpTypes.has(protocol) || side === 'source' ? target.sourcePort : target.destinationPort, 2);
  const ports = changeOf(bytes, at, to);
  return { bytes: resummed(withBytes(bytes, at, to), start, present, protocol, ports, change + ports), head };
};

const portAt = (protocol: number, side: Side): number => {
  if (icmpTypes.has(protocol)) return 4;
  return side === 'source' ? 0 : 2;
};

/** How much of each header is written to if it is there, and at least 8 bytes. */
const NEEDED: ReadonlyMap<number, number> = new Map([
  [ICMP, 8],
  [ICMPV6, 8],
  [TCP, 20],
  [UDP, 8],
  [GRE, 8],
  [SCTP, 12],
  [UDP_LITE, 8],
]);

/** Its call id, which stands for the destination port, does not change, but it is looked for. */
export const isGreThatCanBe = (bytes: Bytes, side: Side): boolean => lengthOf(bytes) >= 8 && (side === 'source' || numberAt(bytes, 1, 1) % 8 <= 1);

/** Of ICMPv6 only echoes are given another identifier: a node information query keeps its own, whatever its tuple says. */
const hasIdentifier = (protocol: number, type: number): boolean =>
  protocol === ICMP ? type === 0 || type === 8 || (type >= 13 && type <= 18) : type === 128 || type === 129;

/** With a checksum that follows, as far as there is one; that of ICMP knows no addresses. */
const resummed = (bytes: Bytes, start: number, present: number, protocol: number, ports: number, all: number): Bytes => {
  if (protocol === ICMP) return withChecksum(bytes, start + 2, ports);
  if (protocol === ICMPV6) return withChecksum(bytes, start + 2, all);
  if (protocol === TCP) return present >= 20 ? withChecksum(bytes, start + 16, all) : bytes;
  if (protocol === SCTP) return present >= 12 ? withBytes(bytes, start + 8, crcOf(slice(bytes, start))) : bytes;
  const isNone = protocol === UDP && numberAt(bytes, start + 6, 2) === 0;
  if (isNone) return bytes;
  const summed = withChecksum(bytes, start + 6, all);
  return numberAt(summed, start + 6, 2) === 0 ? withBytes(summed, start + 6, 'ffff') : summed;
};

const crcOf = (sctp: Bytes): Bytes => bytesOf(crc32c(withBytes(sctp, 8, '00000000')), 4);
