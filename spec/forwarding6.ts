/**
 * Forwarding of IPv6, side by side with that of IPv4 (spec/forwarding.ts).
 *
 * What differs: addresses have scopes; there are no options to be read here; and a datagram that was put together leaves
 * whole if it is no larger than the largest fragment that came, otherwise in pieces again, under a fresh identification.
 *
 * Source: ip6_forward(), ip6_route_input(), ip6_fragment(); RFC 4291 section 2.5, RFC 8200 section 4.5.
 */
import type { Attached } from './assignment.ts';
import { behindHeader, lengthOfAll, unfragmentable, withBehind } from './extensions.ts';
import { cut, SCTP_HEADER } from './forwarding.ts';
import { withoutRealm } from './realm.ts';
import type { Datagram, Piece, Pieces } from './reassembly.ts';
import type { Rules } from './rule.ts';
import { isLinkLocal, isMulticast, isUnspecified } from './scope.ts';
import type { DeviceName } from './trace/network.ts';
import { type Address, type Ipv6, lengthOf, type Packet, slice } from './trace/packet.ts';
import { firstOf } from './wire/extensions.ts';

export const forwarding6Rules = {
  'forwarding6.scope': {
    sentence:
      'IPv6 to an address of its link only is not forwarded; nor is what comes from one or from nowhere, unless its first piece came in by the device that it would leave by.',
    source: 'rt6_need_strict(); ip6_forward(), which then means to redirect and does not look at the source',
  },
  'forwarding6.group': {
    sentence: 'IPv6 for a group is not forwarded; the machine itself is a router for none.',
    source: 'ip6_mc_input(); local delivery is not modelled',
  },
  'forwarding6.hop-limit': {
    sentence: 'IPv6 whose hop limit would become 0 is dropped.',
    source: 'ip6_forward(), RFC 8200 section 3',
  },
  'forwarding6.headers': {
    sentence: 'If the headers that every piece has to carry are not all in the first one that came, or leave no room, nothing leaves, though a connection is confirmed.',
    source: 'ip6_find_1stfragopt(), ip6_fragment(), which comes after nf_confirm()',
  },
  'forwarding6.whole': {
    sentence: 'What came whole, or is no larger than the largest fragment that came, leaves whole, its hop limit one less.',
    source: 'ip6_finish_output(), frag_max_size',
  },
  'forwarding6.in-pieces': {
    sentence: 'Any other datagram leaves in the pieces that it came in, but for headers that every piece carries, all with the first one\'s header.',
    source: 'ip6_fragment(), fast path',
  },
  'forwarding6.cut-again': {
    sentence:
      'If such a piece would be larger than any that came and than 1280 bytes, or be no multiple of 8 though more follow, all is cut again to that size.',
    source: 'ip6_fragment(), slow path; IPV6_MIN_MTU',
  },
  'forwarding6.joined': {
    sentence: "If the first piece did not hold all up to the end of SCTP's common header, or of what was translated, or a helper reads all that there is, that much was joined, and the other pieces hold the rest: mostly no multiple of 8, so all is cut again.",
    source: 'sctp_error(), nf_nat_ipv6_manip_pkt(), skb_ensure_writable(), __pskb_pull_tail(); nf_conntrack_ftp.c help(), skb_linearize()',
  },
  'forwarding6.own': {
    sentence: 'What goes to an IPv6 address of the machine itself is delivered, not forwarded; what comes from one is forwarded like any other.',
    source: 'ip6_route_input(), RTF_LOCAL, ip6_input(); local delivery is not modelled',
  },
} as const satisfies Rules;

export type Forwarding6 =
  | {
      readonly rule: 'forwarding6.whole' | 'forwarding6.in-pieces' | 'forwarding6.cut-again' | 'forwarding6.joined';
      readonly device: DeviceName;
      readonly pieces: readonly Packet[];
    }
  | Refusal6
  | { readonly rule: 'forwarding6.headers' };

type Refusal6 = { readonly rule: 'forwarding6.scope' | 'forwarding6.group' | 'forwarding6.own' | 'forwarding6.hop-limit' };

export const forward6 = (datagram: Datagram<Ipv6>, exit: DeviceName, own: readonly Address[]): Forwarding6 => {
  const routed = route6(datagram.packet, own, datagram.firstDevice === exit);
  return 'rule' in routed ? routed : send6(routed.packet, datagram.came, datagram.attached, exit);
};

/**
 * The packet as it goes on to where it leaves, or why it does not. `own`: the machine's addresses. `isBack`: its first
 * piece came in by the device that it would leave by.
 */
export const route6 = (packet: Ipv6, own: readonly Address[], isBack: boolean): { readonly packet: Ipv6 } | Refusal6 => {
  const { source, destination, hopLimit } = packet;
  if (isMulticast(destination)) return { rule: 'forwarding6.group' };
  if (isLinkLocal(destination)) return { rule: 'forwarding6.scope' };
  if (own.includes(withoutRealm(destination))) return { rule: 'forwarding6.own' };
  if ((isUnspecified(source) || isLinkLocal(source)) && !isBack) return { rule: 'forwarding6.scope' };
  if (hopLimit <= 1) return { rule: 'forwarding6.hop-limit' };
  return { packet: { ...packet, hopLimit: hopLimit - 1 } };
};

/** What leaves, in pieces if it came so and is too large. */
export const send6 = (packet: Ipv6, came: Pieces | undefined, { tracking }: Attached, device: DeviceName): Forwarding6 =>
  came && FIXED + lengthOf(behindHeader(packet).bytes) > came.largest ? inPieces(packet, came, device, tracking) : { rule: 'forwarding6.whole', device, pieces: [packet] };

const FIXED = 40;
const FRAGMENT_HEADER = 8;
/** What every link carries (RFC 8200 section 5). */
const LEAST_MTU = 1280;

/** The first piece is what came with all that stood before its fragment header, less what every piece now carries. */
const inPieces = (packet: Ipv6, { pieces, largest, joined: changed = 0 }: Pieces, device: DeviceName, tracking: Attached['tracking']): Forwarding6 => {
  const { bytes } = behindHeader(packet);
  const count = unfragmentable(packet);
  const carried = lengthOfAll(packet.extensions.slice(0, count));
  const data = slice(bytes, carried);
  const lengths = pieces.map((piece) => lengthOf(piece.bytes));
  const later = lengths.slice(1).reduce((sum, length) => sum + length, 0);
  const first = lengthOf(data) - later;
  const most = Math.max(LEAST_MTU, largest) - FIXED - carried - FRAGMENT_HEADER;
  const header = tracking !== 'off' && packet.payload.kind === 'sctp' ? lengthOfAll(packet.extensions) + SCTP_HEADER : 0;
  const read = Math.min(Math.max(changed, header, carried + first), lengthOf(bytes)) - carried;
  if (count === undefined || Math.max(first, read) < 0 || most < 8) return { rule: 'forwarding6.headers' };

  const now = joined([first, ...lengths.slice(1)], read);
  const fits = now.every((length, index) => length <= most && (length % 8 === 0 || index === now.length - 1));
  const rule = read > first ? 'forwarding6.joined' : fits ? 'forwarding6.in-pieces' : 'forwarding6.cut-again';
  return { rule, device, pieces: withHeader(packet, count, fits ? inLengths(data, now) : cut(data, most)) };
};

/** The lengths of pieces of which the first holds at least so many bytes, and the others those that are left. */
const joined = ([first = 0, ...others]: readonly number[], least: number): readonly number[] => {
  let eaten = Math.max(0, least - first);
  const left = others.map((length) => {
    const part = Math.min(length, eaten);
    eaten -= part;
    return length - part;
  });
  return [Math.max(first, least), ...left.filter((length) => length > 0)];
};

const inLengths = (data: string, lengths: readonly number[]): readonly Piece[] => {
  let offset = 0;
  return lengths.map((length) => {
    const piece = { offset, bytes: slice(data, offset, offset + length) };
    offset += length;
    return piece;
  });
};

/** The identification is fresh, so any will do as long as it is one for all pieces (spec/outcome.ts). */
const FRESH = 0;

const withHeader = (packet: Ipv6, count: number, pieces: readonly Piece[]): readonly Ipv6[] => {
  const next = firstOf(packet.extensions.slice(count), packet.protocol);
  return pieces.map(({ offset, bytes }, index) => {
    const header = { kind: 'fragment', id: FRESH, offset, mf: index < pieces.length - 1, reserved: 0 } as const;
    return withBehind(packet, [...packet.extensions.slice(0, count), header], next, bytes);
  });
};
