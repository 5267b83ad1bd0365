/**
 * Reassembly: what fragments that fit together become, in either version of IP.
 *
 * The first fragment gives the header, the one that came last gives the device. The pieces are remembered, because the
 * datagram leaves in the pieces that it came in (spec/forwarding.ts).
 *
 * Source: ip_frag_reasm(), nf_ct_frag6_reasm(), inet_frag_reasm_prepare().
 */
import type { Attached } from './assignment.ts';
import type { DeviceName } from './trace/network.ts';
import { type Bytes, headerLength, type Ip, type Ipv4, lengthOf, serviceOf } from './trace/packet.ts';
import { readTransport } from './wire/transport.ts';

/** A fragment as it is held: its bytes already cut to what counts. */
export type Arrival<Header extends Ip> = {
  readonly header: Header;
  readonly device: DeviceName;
  readonly attached: Attached;
  readonly offset: number;
  readonly bytes: Bytes;
};

export type Piece = { readonly offset: number; readonly bytes: Bytes };

/** One datagram, whole, and how it came. */
export type Datagram<Packet extends Ip = Ip> = {
  readonly packet: Packet;
  /** Where it came in: with its last piece. */
  readonly device: DeviceName;
  /** Where its first piece came in, if it came in pieces. */
  readonly firstDevice?: DeviceName;
  /** What was attached before defragmentation: to its first piece, as all that belongs to a packet. */
  readonly attached: Attached;
  /** How it came in pieces; absent if it came whole. */
  readonly came?: Pieces;
};

export type Pieces = {
  /** In the order of their offsets. */
  readonly pieces: readonly Piece[];
  /** The size of the largest with its own header, in bytes: no piece that leaves is larger. */
  readonly largest: number;
  /** How many bytes behind IPv4's header, or the fixed one of IPv6, were joined on the way, to be read or changed; there may be less. */
  readonly joined?: number;
};

/** What is the same in both versions of what fragments that tile a datagram make. */
export type Tiles<Header extends Ip> = Pick<Datagram, 'device' | 'attached'> & {
  readonly firstDevice: DeviceName;
  readonly header: Header;
  readonly bytes: Bytes;
  readonly pieces: readonly Piece[];
  /** To be added to the header's. */
  readonly ecn: number;
};

export const tiles = <Header extends Ip>(arrivals: readonly Arrival<Header>[]): Tiles<Header> | 'mixed congestion marks' => {
  const ordered = arrivals.toSorted((a, b) => a.offset - b.offset);
  const [first, latest] = [ordered[0], arrivals.at(-1)];
  if (!first || !latest) throw new RangeError('tiles: a datagram needs at least one fragment');
  const ecn = congestionMark(arrivals);
  if (ecn === 'mixed') return 'mixed congestion marks';
  return {
    header: first.header,
    device: latest.device,
    firstDevice: first.device,
    attached: first.attached,
    bytes: ordered.map(({ bytes }) => bytes).join(''),
    pieces: ordered.map(({ offset, bytes }) => ({ offset, bytes })),
    ecn,
  };
};

/** IPv4 arrivals that tile a datagram, put together. */
export const put = (arrivals: readonly Arrival<Ipv4>[], sizes: Sizes): Datagram<Ipv4> | 'mixed congestion marks' => {
  const whole = tiles(arrivals);
  if (whole === 'mixed congestion marks') return whole;
  const { header, bytes, pieces, device, attached, ecn } = whole;
  return {
    packet: {
      ...header,
      tos: header.tos | ecn,
      reserved: false,
      df: sizes.largest === sizes.largestWhole,
      mf: false,
      payload: readTransport(header, bytes),
    },
    device,
    attached,
    came: { pieces, largest: sizes.largest },
  };
};

/** Sizes of fragments with their headers, in bytes: of the largest, and of the largest that may not be fragmented. */
export type Sizes = { readonly largest: number; readonly largestWhole: number };

export const noSizes: Sizes = { largest: 0, largestWhole: 0 };

export const sizesWith = (sizes: Sizes, { header, bytes }: Arrival<Ipv4>): Sizes => {
  const size = headerLength(header) + lengthOf(bytes);
  return {
    largest: Math.max(sizes.largest, size),
    largestWhole: header.df ? Math.max(sizes.largestWhole, size) : sizes.largestWhole,
  };
};

const [NOT_CAPABLE, CONGESTED] = [0, 3];

/**
 * The mark to add to the first fragment's: congestion if any fragment met it, nothing otherwise. Not-ECT beside any
 * other mark cannot come from one sender.
 */
const congestionMark = (arrivals: readonly Arrival<Ip>[]): number | 'mixed' => {
  const marks = new Set(arrivals.map(({ header }) => serviceOf(header) % 4));
  if (marks.has(NOT_CAPABLE) && marks.size > 1) return 'mixed';
  return marks.has(CONGESTED) ? CONGESTED : 0;
};
