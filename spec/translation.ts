/**
 * Translation: a packet of a connection that is bound to other ends is rewritten, and so is what an error quotes.
 *
 * The destination is rewritten where a packet arrives, the source where it leaves. In original direction those are the
 * ends that NAT chose; in reply direction it is the other way round. Checksums stay as right as they were. An error is
 * about a packet on the other side of the translation, so the quote is rewritten in the opposite sense, and comes to
 * look like what its receiver once sent.
 *
 * Source: nf_nat_packet(), nf_nat_manip_pkt(), nf_nat_icmp_reply_translation().
 */
import { match } from 'ts-pattern';
import type { Connection } from './connection.ts';
import type { Side } from './nat.ts';
import type { Pieces } from './reassembly.ts';
import { withoutRealm } from './realm.ts';
import type { Rules } from './rule.ts';
import { type Bytes, bytesOf, type Ipv4, lengthOf, numberAt, type Opaque, slice } from './trace/packet.ts';
import { GRE, ICMP, SCTP, TCP, type Transport, UDP, UDP_LITE } from './trace/transport.ts';
import { inverse, type Tuple } from './tuple.ts';
import { MODULUS } from './wire/checksum.ts';
import { crc32c } from './wire/crc32c.ts';
import { writeAddress } from './wire/ipv4.ts';
import { writeTransport } from './wire/transport.ts';
import type { Direction } from './zone.ts';

export const translationRules = {
  'translation.destination': {
    sentence: 'Where it arrives, a packet gets the destination that its connection is bound to; a reply, the one that the connection came from.',
    source: 'nf_nat_packet(), NF_INET_PRE_ROUTING',
  },
  'translation.source': {
    sentence: 'Where it leaves, a packet gets the source that its connection is bound to; a reply, the one that the connection went to.',
    source: 'nf_nat_packet(), NF_INET_POST_ROUTING',
  },
  'translation.quote': {
    sentence: 'An error gets the same address as a packet of its direction would, and what it quotes the opposite end, ports too.',
    source: 'nf_nat_icmp_reply_translation()',
  },
  'translation.redirect': {
    sentence: 'A redirect is dropped if its connection is translated, or not bound.',
    source: 'nf_nat_icmp_reply_translation(), ICMP_REDIRECT',
  },
  'translation.short': {
    sentence: 'What has less than 8 bytes of a header with ports, or a version of GRE above 1, is dropped where that would have to be rewritten.',
    source: 'nf_nat_l4proto_manip_pkt(), skb_ensure_writable(); gre_manip_pkt()',
  },
  'translation.moved': {
    sentence: 'A masqueraded connection whose packets turn to another device ends, and the packet is dropped.',
    source: 'nf_nat_oif_changed(), nf_nat_inet_fn()',
  },
} as const satisfies Rules;

/** What translation makes of a packet; without a packet it is dropped. */
export type Translated = { readonly rules: readonly (keyof typeof translationRules)[]; readonly packet?: Ipv4; readonly came?: Pieces };

/** A packet of a connection in a direction, with the end of one side rewritten, if it is to be. */
export const translate = (packet: Ipv4, came: Pieces | undefined, { original, reply, bound }: Connection, direction: Direction, isError: boolean, side: Side): Translated => {
  if (isError && isRedirect(packet) && (!bound || bound.source || bound.destination)) return { rules: ['translation.redirect'] };
  const far = direction === 'original' ? reply : original;
  const target = bound?.[direction === 'original' ? side : opposite(side)] ? inverse(far) : undefined;
  if (!target) return { rules: [], packet, ...(came && { came: isError ? cutAs(came, packet, LEAST_ERROR) : came }) };
  const rewritten = isError ? withQuote(packet, far, opposite(side)) : rewrittenTransport(packet, target, side);
  if (!rewritten) return { rules: ['translation.short'] };
  const translated = { ...packet, [side]: target[side], payload: rewritten.payload };
  return {
    rules: [isError ? 'translation.quote' : `translation.${side}`],
    packet: translated,
    ...(came && { came: cutAs(came, translated, rewritten.head) }),
  };
};

/** As in the kernel: 5 is a redirect. */
const isRedirect = ({ payload }: Ipv4): boolean => payload.kind === 'icmp' && payload.type === 5;

const opposite = (side: Side): Side => (side === 'source' ? 'destination' : 'source');

/** The pieces as they came, with the bytes that the packet has now. */
const cutAs = ({ pieces, largest, joined = 0 }: Pieces, packet: Ipv4, head: number): Pieces => {
  const bytes = writeTransport(packet);
  return {
    pieces: pieces.map((piece) => ({ offset: piece.offset, bytes: slice(bytes, piece.offset, piece.offset + lengthOf(piece.bytes)) })),
    largest,
    joined: Math.max(joined, head),
  };
};

/** `head`: how many bytes had to be in one piece. */
type Rewritten = { readonly payload: Transport | Opaque; readonly head: number };

/** Undefined if it is too short. */
const rewrittenTransport = ({ payload, protocol }: Ipv4, target: Tuple, side: Side): Rewritten | undefined =>
  match(payload)
    .returnType<Rewritten | undefined>()
    .with({ kind: 'udp' }, { kind: 'udp-lite' }, (datagram) => ({ payload: { ...datagram, ...portOf(target, side) }, head: 8 }))
    .with({ kind: 'sctp' }, (packet) => ({ payload: { ...packet, ...portOf(target, side) }, head: 12 }))
    .with({ kind: 'tcp' }, (segment) => ({ payload: { ...segment, ...portOf(target, side), checksum: 'right' }, head: 20 }))
    .with({ kind: 'icmp' }, (message) => ({ payload: { ...message, identifier: target.sourcePort, checksum: 'right' }, head: 8 }))
    .with({ kind: 'opaque' }, (opaque) => (protocol === GRE && !isGreThatCanBe(opaque.bytes, side) ? undefined : { payload: opaque, head: 0 }))
    .exhaustive();

/** Its call id, which stands for the destination port, does not change, but it is looked for. */
const isGreThatCanBe = (bytes: Bytes, side: Side): boolean => lengthOf(bytes) >= 8 && (side === 'source' || numberAt(bytes, 1, 1) % 8 <= 1);

const portOf = ({ sourcePort, destinationPort }: Tuple, side: Side) => (side === 'source' ? { sourcePort } : { destinationPort });

const ICMP_HEADER = 8;

/** With the header of what it quotes: so much of an error is joined to be looked at. */
const LEAST_ERROR = ICMP_HEADER + 20;

/** An error whose quoted packet has an end of this tuple. */
const withQuote = ({ payload }: Ipv4, target: Tuple, side: Side): Rewritten | undefined => {
  if (payload.kind !== 'icmp') return undefined;
  const bytes = rewrittenQuote(payload.payload, target, side);
  return bytes && { payload: { ...payload, checksum: 'right', payload: bytes.quote }, head: Math.max(LEAST_ERROR, ICMP_HEADER + bytes.head) };
};

const [QUOTED_CHECKSUM, QUOTED_SOURCE, QUOTED_DESTINATION] = [10, 12, 16];

/** The header's length is believed, even where ports then stand in the header. */
const rewrittenQuote = (quote: Bytes, target: Tuple, side: Side): { readonly quote: Bytes; readonly head: number } | undefined => {
  const at = side === 'source' ? QUOTED_SOURCE : QUOTED_DESTINATION;
  const start = (numberAt(quote, 0, 1) & 0xf) * 4;
  const to = writeAddress(withoutRealm(target[side]));
  const transport = rewrittenPorts(quote, start, target, side, pseudoChange(quote, at, to));
  if (!transport) return undefined;
  const summed = withChecksum(transport.quote, QUOTED_CHECKSUM, pseudoChange(transport.quote, at, to));
  return { quote: withBytes(summed, at, to), head: transport.head };
};

/** What is added to a sum, modulo its modulus, if bytes at a place become others. */
const pseudoChange = (bytes: Bytes, at: number, to: Bytes): number => sumOfWords(to) - sumOfWords(slice(bytes, at, at + lengthOf(to)));

const sumOfWords = (bytes: Bytes): number => {
  let sum = 0;
  for (let at = 0; at < lengthOf(bytes); at += 2) sum += numberAt(bytes, at, 2);
  return sum;
};

const withBytes = (bytes: Bytes, at: number, to: Bytes): Bytes => slice(bytes, 0, at) + to + slice(bytes, at + lengthOf(to));

/** The checksum at a place, be it right or wrong, for words whose sum has changed (RFC 1624). Never a negative zero. */
const withChecksum = (bytes: Bytes, at: number, change: number): Bytes => {
  const sum = (MODULUS - numberAt(bytes, at, 2) + change) % MODULUS;
  return withBytes(bytes, at, bytesOf((MODULUS - (sum < 0 ? sum + MODULUS : sum)) % MODULUS, 2));
};

/** The quote with other ports behind its header, which starts at `start`; `head` is how much of the quote had to be there. */
const rewrittenPorts = (quote: Bytes, start: number, target: Tuple, side: Side, change: number): { readonly quote: Bytes; readonly head: number } | undefined => {
  const present = lengthOf(quote) - start;
  const least = NEEDED.get(target.protocol);
  if (least === undefined) return { quote, head: 0 };
  if (present < 8) return undefined;
  const head = start + (present >= least ? least : 8);
  if (target.protocol === GRE) return isGreThatCanBe(slice(quote, start), side) ? { quote, head } : undefined;
  const at = start + (target.protocol === ICMP ? 4 : side === 'source' ? 0 : 2);
  if (target.protocol === ICMP && !isQuery(numberAt(quote, start, 1))) return { quote, head };
  const to = bytesOf(target.protocol === ICMP || side === 'source' ? target.sourcePort : target.destinationPort, 2);
  const ported = withBytes(quote, at, to);
  const all = change + pseudoChange(quote, at, to);
  return { quote: resummed(ported, start, present, target.protocol, pseudoChange(quote, at, to), all), head };
};

/** How much of each header is written to if it is there, and at least 8 bytes. */
const NEEDED: ReadonlyMap<number, number> = new Map([
  [ICMP, 8],
  [TCP, 20],
  [UDP, 8],
  [GRE, 8],
  [SCTP, 12],
  [UDP_LITE, 8],
]);

const isQuery = (type: number): boolean => type === 0 || type === 8 || (type >= 13 && type <= 18);

/** The quote with a checksum that follows, as far as there is one. */
const resummed = (quote: Bytes, start: number, present: number, protocol: number, change: number, withAddress: number): Bytes => {
  if (protocol === ICMP) return withChecksum(quote, start + 2, change);
  if (protocol === TCP) return present >= 20 ? withChecksum(quote, start + 16, withAddress) : quote;
  if (protocol === SCTP) return present >= 12 ? withBytes(quote, start + 8, crcOf(slice(quote, start))) : quote;
  const isNone = protocol === UDP && numberAt(quote, start + 6, 2) === 0;
  if (isNone) return quote;
  const summed = withChecksum(quote, start + 6, withAddress);
  return numberAt(summed, start + 6, 2) === 0 ? withBytes(summed, start + 6, 'ffff') : summed;
};

const crcOf = (sctp: Bytes): Bytes => bytesOf(crc32c(withBytes(sctp, 8, '00000000')), 4);
