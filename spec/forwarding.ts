/**
 * Forwarding of IPv4: whether a tracked datagram leaves, by which device, and as what.
 *
 * The arrival device decides the exit. Connection tracking has no say in this: an invalid packet is forwarded like any
 * other. What the machine sends by itself (errors, for example) is not modelled.
 *
 * Source: ip_route_input_slow(), ip_rcv_options(), ip_forward(), ip_do_fragment(); RFC 1812 section 5.
 */
import { copiedOptions, readOptions } from './options.ts';
import { withoutRealm } from './realm.ts';
import type { Datagram, Piece, Pieces } from './reassembly.ts';
import type { Rules } from './rule.ts';
import type { Attached } from './assignment.ts';
import type { DeviceName } from './trace/network.ts';
import { type Address, type Bytes, headerLength, type Ipv4, lengthOf, type Packet, slice } from './trace/packet.ts';

export const forwardingRules = {
  'forwarding.martian': {
    sentence: 'A source or destination that cannot be on a network is dropped: none at all, loopback, a group as a source.',
    source: 'ip_route_input_slow(), RFC 1812 section 5.3.7',
  },
  'forwarding.group': {
    sentence: 'A datagram for a group or for everybody is not forwarded; the machine itself belongs to no group.',
    source: 'ip_route_input_mc(), brd_input; local delivery is not modelled',
  },
  'forwarding.options': {
    sentence: 'A datagram whose options cannot be read is dropped.',
    source: 'ip_rcv_options()',
  },
  'forwarding.time-to-live': {
    sentence: 'A datagram whose time to live would become 0 is dropped.',
    source: 'ip_forward(), RFC 1812 section 5.3.1',
  },
  'forwarding.whole': {
    sentence: 'A datagram that came whole leaves whole, its time to live one less.',
    source: 'ip_forward_finish()',
  },
  'forwarding.in-pieces': {
    sentence:
      'A datagram that was put together leaves in the pieces that it came in, all with the first one\'s header but without don\'t-fragment; options not marked for copying are blanked after the first.',
    source: 'ip_do_fragment(), fast path; ip_options_fragment()',
  },
  'forwarding.cut-again': {
    sentence:
      'If a piece with the first one\'s header would be larger than any that came, all is cut again to that size; these pieces keep don\'t-fragment.',
    source: 'ip_do_fragment(), slow path; frag_max_size, IPSKB_FRAG_PMTU',
  },
  'forwarding.joined': {
    sentence: 'So it is if the first piece did not hold all that had to be joined: to read a header of SCTP, to translate one, or for a helper to read all of it.',
    source: 'sctp_error(), nf_nat_manip_pkt(), skb_ensure_writable(); nf_conntrack_ftp.c help(), skb_linearize(); ip_do_fragment(), slow path',
  },
  'forwarding.crosses': {
    sentence: 'What leaves by one of a pair of devices arrives at the other, piece by piece, and tracking has forgotten that it saw it.',
    source: 'veth_xmit(), skb_scrub_packet(), nf_reset_ct()',
  },
  'forwarding.own': {
    sentence: "What comes from an address of the machine itself cannot be, and what goes to one is delivered, not forwarded.",
    source: 'ip_route_input_slow(), fib_validate_source(), RTN_LOCAL; local delivery is not modelled',
  },
} as const satisfies Rules;

export type Forwarding =
  | {
      readonly rule: 'forwarding.whole' | 'forwarding.in-pieces' | 'forwarding.cut-again' | 'forwarding.joined';
      readonly device: DeviceName;
      readonly pieces: readonly Packet[];
    }
  | Refusal;

type Refusal = { readonly rule: 'forwarding.martian' | 'forwarding.group' | 'forwarding.own' | 'forwarding.options' | 'forwarding.time-to-live' };

export const forward = (datagram: Datagram<Ipv4>, exit: DeviceName, own: readonly Address[]): Forwarding => {
  const routed = route(datagram.packet, own);
  return 'rule' in routed ? routed : send(routed.packet, datagram.came, datagram.attached, exit);
};

/** The packet as it goes on to where it leaves, or why it does not. `own`: the machine's addresses. */
export const route = (packet: Ipv4, own: readonly Address[]): { readonly packet: Ipv4 } | Refusal => {
  if (isMartian(packet)) return { rule: 'forwarding.martian' };
  if (isGroup(packet.destination)) return { rule: 'forwarding.group' };
  if (own.includes(withoutRealm(packet.source)) || own.includes(withoutRealm(packet.destination))) return { rule: 'forwarding.own' };
  const options = readOptions(packet.options);
  if (options.kind !== 'readable') return { rule: 'forwarding.options' };
  if (packet.ttl <= 1) return { rule: 'forwarding.time-to-live' };
  return { packet: { ...packet, ttl: packet.ttl - 1, options: options.bytes } };
};

/** What leaves, in pieces if it came so. */
export const send = (packet: Ipv4, came: Pieces | undefined, attached: Attached, exit: DeviceName): Forwarding =>
  came ? inPieces(packet, came, attached, exit) : { rule: 'forwarding.whole', device: exit, pieces: [packet] };

const inPieces = (packet: Ipv4, came: Pieces, { tracking }: Attached, device: DeviceName): Forwarding => {
  const { pieces, largest } = came;
  const most = largest - headerLength(packet);
  if (pieces.some(({ bytes }) => lengthOf(bytes) > most)) return { rule: 'forwarding.cut-again', device, pieces: cutAgain(packet, pieces, most) };
  if (tracking !== 'off' && isJoined(packet, came)) return { rule: 'forwarding.joined', device, pieces: cutAgain(packet, pieces, most) };
  return { rule: 'forwarding.in-pieces', device, pieces: withHeader({ ...packet, df: false }, pieces) };
};

const cutAgain = (packet: Ipv4, pieces: readonly Piece[], most: number): readonly Ipv4[] => {
  const parts = cut(pieces.map(({ bytes }) => bytes).join(''), most);
  return parts.length === 1 ? [packet] : withHeader(packet, parts);
};

export const SCTP_HEADER = 12;

const isJoined = ({ payload }: Ipv4, { pieces: [first], joined = 0 }: Pieces): boolean =>
  first !== undefined && lengthOf(first.bytes) < (payload.kind === 'sctp' ? Math.max(joined, SCTP_HEADER) : joined);

/** The bytes in pieces of at most a size (8 or more), all but the last a multiple of 8 long. */
export const cut = (bytes: Bytes, most: number): readonly Piece[] => {
  const pieces: Piece[] = [];
  let offset = 0;
  while (lengthOf(bytes) - offset > most) {
    pieces.push({ offset, bytes: slice(bytes, offset, offset + most - (most % 8)) });
    offset += most - (most % 8);
  }
  return [...pieces, { offset, bytes: slice(bytes, offset) }];
};

const withHeader = (packet: Ipv4, pieces: readonly Piece[]): readonly Ipv4[] =>
  pieces.map((piece, index) => ({
    ...packet,
    mf: index < pieces.length - 1,
    offset: piece.offset,
    options: index === 0 ? packet.options : copiedOptions(packet.options),
    payload: { kind: 'opaque', bytes: piece.bytes, why: 'fragment' },
  }));

const isMartian = ({ source, destination }: Ipv4): boolean =>
  isNowhere(source) || isGroup(source) || isNowhere(destination);

const firstOctet = (address: Address): number => Number.parseInt(address, 10);

const everyOctetIs = (address: Address, value: number): boolean =>
  address.split('.').every((octet) => Number.parseInt(octet, 10) === value);

/** No address, and loopback (127/8). The rest of 0/8 is ordinary since Linux 5.3. */
const isNowhere = (address: Address): boolean =>
  firstOctet(address) === 127 || (firstOctet(address) === 0 && everyOctetIs(address, 0));

/** Multicast (224/4), and the limited broadcast. */
const isGroup = (address: Address): boolean => {
  const first = firstOctet(address);
  return (first >= 224 && first < 240) || (first === 255 && everyOctetIs(address, 255));
};
