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
import { asTracked, behindHeader, skipExtensions, withBehind } from './extensions.ts';
import type { Side } from './nat.ts';
import type { Pieces } from './reassembly.ts';
import { isGreThatCanBe, rewritten } from './rewriting.ts';
import type { Rules } from './rule.ts';
import { type Ip, type Ipv4, type Ipv6, lengthOf, type Opaque, slice } from './trace/packet.ts';
import { GRE, ICMPV6, type Icmp, type Transport } from './trace/transport.ts';
import { inverse, type Tuple } from './tuple.ts';
import { writeTransport } from './wire/transport.ts';
import { writeHeader6 } from './wire/ipv6.ts';
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
    source: 'nf_nat_icmp_reply_translation(), nf_nat_icmpv6_reply_translation()',
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
export type Translated<Packet extends Ip = Ip> = { readonly rules: readonly (keyof typeof translationRules)[]; readonly packet?: Packet; readonly came?: Pieces };

/** A packet of a connection in a direction, with the end of one side rewritten, if it is to be. */
export const translate = (packet: Ip, came: Pieces | undefined, { original, reply, bound }: Connection, direction: Direction, isError: boolean, side: Side): Translated => {
  if (isError && isRedirect(packet) && (!bound || bound.source || bound.destination)) return { rules: ['translation.redirect'] };
  const far = direction === 'original' ? reply : original;
  const target = bound?.[direction === 'original' ? side : opposite(side)] ? inverse(far) : undefined;
  if (!target) return { rules: [], packet, ...(came && { came: isError ? joined(came, leastOfError(packet)) : came }) };
  const translated = isError ? withQuote(packet, far, target, side) : withEnd(packet, target, side);
  if (!translated) return { rules: ['translation.short'] };
  return {
    rules: [isError ? 'translation.quote' : `translation.${side}`],
    packet: translated.packet,
    ...(came && { came: cutAs(joined(came, translated.head), translated.packet) }),
  };
};

/** As in the kernel, in either version of IP: 5 is a redirect in the one, and 137 in the other, which tracking sees as no error here. */
const isRedirect = ({ kind, payload }: Ip): boolean => kind === 'ipv4' && payload.kind === 'icmp' && payload.type === 5;

const opposite = (side: Side): Side => (side === 'source' ? 'destination' : 'source');

/** So many bytes had to be in one piece, behind IPv4's header or the fixed one of IPv6. */
const joined = (came: Pieces, head: number): Pieces => ({ ...came, joined: Math.max(came.joined ?? 0, head) });

/** The pieces as they came, with the bytes that the packet has now; those of IPv6 are cut when they leave. */
const cutAs = (came: Pieces, packet: Ip): Pieces => {
  if (packet.kind === 'ipv6') return came;
  const bytes = writeTransport(packet);
  return { ...came, pieces: came.pieces.map((piece) => ({ offset: piece.offset, bytes: slice(bytes, piece.offset, piece.offset + lengthOf(piece.bytes)) })) };
};

/** A packet with another end, and how many bytes had to be in one piece for that; undefined if it is too short. */
type Rewritten<Packet extends Ip> = { readonly packet: Packet; readonly head: number } | undefined;

const withEnd = (packet: Ip, target: Tuple, side: Side): Rewritten<Ip> => (packet.kind === 'ipv4' ? withEnd4(packet, target, side) : withEnd6(packet, target, side));

const withEnd4 = (packet: Ipv4, target: Tuple, side: Side): Rewritten<Ipv4> => {
  const carried = withPort(packet, target, side);
  return carried && { packet: { ...packet, [side]: target[side], payload: carried.payload }, head: carried.head };
};

const withPort = ({ payload, protocol }: Ipv4, target: Tuple, side: Side): { readonly payload: Transport | Opaque; readonly head: number } | undefined =>
  match(payload)
    .returnType<ReturnType<typeof withPort>>()
    .with({ kind: 'udp' }, { kind: 'udp-lite' }, (datagram) => ({ payload: { ...datagram, ...portOf(target, side) }, head: 8 }))
    .with({ kind: 'sctp' }, (packet) => ({ payload: { ...packet, ...portOf(target, side) }, head: 12 }))
    .with({ kind: 'tcp' }, (segment) => ({ payload: { ...segment, ...portOf(target, side), checksum: 'right' }, head: 20 }))
    .with({ kind: 'icmp' }, (message) => ({ payload: { ...message, identifier: target.sourcePort, checksum: 'right' }, head: 8 }))
    .with({ kind: 'opaque' }, (opaque) => (protocol === GRE && !isGreThatCanBe(opaque.bytes, side) ? undefined : { payload: opaque, head: 0 }))
    .exhaustive();

const portOf = ({ sourcePort, destinationPort }: Tuple, side: Side) => (side === 'source' ? { sourcePort } : { destinationPort });

/** The protocol may stand behind headers that only tracking reads, so that is done in bytes. */
const withEnd6 = (packet: Ipv6, target: Tuple, side: Side): Rewritten<Ipv6> => {
  const all = rewritten('ipv6', writeHeader6(packet) + writeTransport(packet), target, side);
  return all && { packet: withBehind({ ...packet, [side]: target[side] }, [], behindHeader(packet).first, slice(all.bytes, FIXED.ipv6)), head: all.head };
};

const FIXED = { ipv4: 20, ipv6: 40 } as const;
const ICMP_HEADER = 8;

/** So much of an error is joined to be looked at: up to behind the header of what it quotes. */
const leastOfError = (packet: Ip): number => {
  const upper = packet.kind === 'ipv6' ? upperOf(packet) : undefined;
  return (upper?.start ?? 0) + ICMP_HEADER + FIXED[packet.kind];
};

const upperOf = (packet: Ipv6) => {
  const { first, bytes } = behindHeader(packet);
  return skipExtensions(first, bytes);
};

/** An error whose end is of one tuple, and that of the quoted packet of another. */
const withQuote = (packet: Ip, quoted: Tuple, target: Tuple, side: Side): Rewritten<Ip> =>
  packet.kind === 'ipv4' ? withQuote4(packet, quoted, target, side) : withQuote6(packet, quoted, target, side);

const withQuote4 = (packet: Ipv4, quoted: Tuple, target: Tuple, side: Side): Rewritten<Ipv4> => {
  const error = packet.payload.kind === 'icmp' ? quoting('ipv4', packet.payload, quoted, side) : undefined;
  return error && { packet: { ...packet, [side]: target[side], payload: error.message }, head: error.head };
};

const withQuote6 = (packet: Ipv6, quoted: Tuple, target: Tuple, side: Side): Rewritten<Ipv6> => {
  const [upper, message] = [upperOf(packet), asTracked(packet)?.payload];
  const error = message?.kind === 'icmp' ? quoting('ipv6', message, quoted, side) : undefined;
  if (!upper || !error) return undefined;
  const { first, bytes } = behindHeader(packet);
  const header = { ...packet, [side]: target[side] };
  const carried = slice(bytes, 0, upper.start) + writeTransport({ ...header, protocol: ICMPV6, payload: error.message });
  return { packet: withBehind(header, [], first, carried), head: upper.start + error.head };
};

const quoting = (version: Ip['kind'], message: Icmp, quoted: Tuple, side: Side): { readonly message: Icmp; readonly head: number } | undefined => {
  const quote = rewritten(version, message.payload, quoted, opposite(side));
  return quote && { message: { ...message, checksum: 'right', payload: quote.bytes }, head: ICMP_HEADER + FIXED[version] + quote.head };
};
