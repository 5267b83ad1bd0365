/**
 * The network that a trace is played in: devices, the zones they assign, where packets leave, and the limits.
 *
 * Source: the RFC "conntrack zones" gives a zone to a network device; iptables' raw table and nft give it to whatever a
 * rule matches, here too a device. nf_conntrack_zones.h, net.ipv4.ipfrag_*.
 */
import type { Era } from '../era.ts';
import type { Zone, ZoneId } from '../zone.ts';
import type { Address } from './packet.ts';

/** 1..15 characters of `a-z 0-9 . - _`, as Linux names interfaces. */
export type DeviceName = string;

/**
 * One walk through connection tracking. Defragmentation happens just before tracking, and a zone that is assigned
 * after it comes too late to keep fragments apart.
 */
export type Pass = {
  /** The device's own zone, as the RFC has it, which is there before any rule is met. Absent: the device has none. */
  readonly zone?: Zone;
  readonly assigned: Time;
  /** What rules do to every packet that arrives, in this order at each time. */
  readonly rules?: readonly ZoneRule[];
};

/** When something is assigned: to a fragment that arrives, or to the datagram. */
export type Time = 'before-defragmentation' | 'after-defragmentation';

/** A rule, and the language that it is written in: they differ in what is first (spec/assignment.ts). */
export type ZoneRule = Assignment & {
  readonly language: 'nft' | 'iptables';
  readonly assigned: Time;
};

/** What a rule does. */
export type Assignment =
  | { readonly does: 'zone'; readonly zone: Zone }
  /** The zone is the lower half of the packet's mark. */
  | { readonly does: 'zone-from-mark'; readonly counts: Zone['counts'] }
  /** The packet is not to be tracked. */
  | { readonly does: 'notrack' }
  /** Gives the packet a mark, 0..2^32-1; none is 0. */
  | { readonly does: 'mark'; readonly mark: number };

export type Device = {
  readonly name: DeviceName;
  /** In order; exactly one today. */
  readonly passes: readonly Pass[];
  /** The device by which packets that arrived here leave; never this one. */
  readonly exit: DeviceName;
  /** Other exits, by where IPv4 packets go; the first one that fits. */
  readonly routes?: readonly Route[];
  /** The other end of a pair of devices: what leaves by one arrives at the other, at once. IPv4 only. */
  readonly peer?: DeviceName;
  /** The machine's own address on this device, IPv4. */
  readonly address?: Address;
  /** The same of IPv6. */
  readonly address6?: Address;
  /**
   * What IPv4 connections are translated to (spec/nat.ts). If one device of a network has this, be it empty, the network
   * translates: then every connection is bound, those that no rule is about to what they are.
   */
  readonly nat?: Nat;
  /** The same of IPv6, for itself: one version may be translated and the other not. */
  readonly nat6?: Nat;
};

/** Never to the device that it belongs to. */
export type Route = { readonly to: AddressRange; readonly exit: DeviceName };

export type Nat = {
  /** Where connections go that begin with a packet which arrives here. */
  readonly destination?: Translation;
  /** Where connections come from that begin with a packet which leaves here. */
  readonly source?: Translation;
};

export type Translation = {
  /** `own`: the device's own address, which it has: masquerade of a source, redirection of a destination. */
  readonly to: AddressRange | 'own';
  /** Ports, and identifiers of ICMP; absent: as they are, or what is free. */
  readonly ports?: PortRange;
};

/** From one IPv4 address to another, both included. Of a translation at most 256. */
export type AddressRange = { readonly from: Address; readonly to: Address };

/** 0..65535, both included. */
export type PortRange = { readonly from: number; readonly to: number };

/** A set of devices that belong together. Isolation is a relation between tenants. */
export type Tenant = {
  /** 1..31; the colour of this tenant's payloads. */
  readonly number: number;
  readonly devices: readonly DeviceName[];
};

/** In milliseconds, each 1 or more. The defaults, and what Linux calls them, stand in spec/timeouts.ts. */
export type Timeouts = {
  /** A UDP or UDP-Lite connection that saw no reply. */
  readonly udpMs: number;
  /** One that became a stream. */
  readonly udpStreamMs: number;
  /** A TCP connection in the state of that name (spec/tcp/states.ts). */
  readonly tcpSynSentMs: number;
  readonly tcpSynRecvMs: number;
  readonly tcpEstablishedMs: number;
  readonly tcpFinWaitMs: number;
  readonly tcpCloseWaitMs: number;
  readonly tcpLastAckMs: number;
  readonly tcpTimeWaitMs: number;
  readonly tcpCloseMs: number;
  readonly tcpSynSent2Ms: number;
  /** At most this for a TCP connection whose last ACK is repeated too often, or closed a window. */
  readonly tcpMaxRetransMs: number;
  /** At most this for a TCP connection with data that is not acknowledged, and for one without a reply. */
  readonly tcpUnacknowledgedMs: number;
  /** A GRE connection that saw no reply. */
  readonly greMs: number;
  /** One that did. */
  readonly greStreamMs: number;
  /** An SCTP association by its state (spec/sctp.ts). */
  readonly sctpClosedMs: number;
  readonly sctpCookieWaitMs: number;
  readonly sctpCookieEchoedMs: number;
  readonly sctpEstablishedMs: number;
  readonly sctpShutdownSentMs: number;
  readonly sctpShutdownReceivedMs: number;
  readonly sctpShutdownAckSentMs: number;
  readonly sctpHeartbeatSentMs: number;
  /** A connection of a protocol without timeouts of its own. */
  readonly genericMs: number;
  /** An ICMP query and its answers. */
  readonly icmpMs: number;
  /** The same of ICMPv6. */
  readonly icmp6Ms: number;
  /** An IPv4 datagram that waits for fragments. */
  readonly fragmentMs: number;
  /** The same for IPv6. */
  readonly fragment6Ms: number;
};

/** How TCP is tracked. The defaults, and what Linux calls them, stand in spec/tcp/settings.ts. */
export type TcpSettings = {
  /** A connection of which the beginning was not seen is picked up at an ACK. */
  readonly loose: boolean;
  /** What is out of the window is accepted. */
  readonly liberal: boolean;
  /** How often an ACK is repeated until the connection's timer is shortened. 0..255. */
  readonly maxRetrans: number;
  /** A reset with a sequence number of the past is not invalid for that. */
  readonly ignoreInvalidRst: boolean;
};

export type FragmentLimits = {
  /** Fragments of one source that may come between two of one datagram; 0 is no limit. IPv4 only. Linux: ipfrag_max_dist, 64. */
  readonly distance: number;
  /**
   * Payload bytes of fragments held in the whole network before a further fragment is refused; 0 is no limit. Named
   * shared budget: all zones draw on it; IPv4 and IPv6 have one each. Linux counts its own buffers instead
   * (ipfrag_high_thresh, nf_conntrack_frag6_high_thresh).
   */
  readonly memoryBytes: number;
};

/** How many connections there may be (spec/counting.md). What is absent has no limit. */
export type Limits = {
  /**
   * In the table, of all zones together, 1 or more. Named shared budget: where it is used up, others that are not assured
   * end early. Linux: nf_conntrack_max.
   */
  readonly connections?: number;
  /** In each zone. */
  readonly zones?: readonly ZoneLimit[];
  /** Rules that count connections, in their order. */
  readonly counters?: readonly Counter[];
};

export type ZoneLimit = {
  /** As it is assigned, whatever the directions; absent: every zone that no other limit names. */
  readonly zone?: ZoneId;
  /** 1 or more. Open vSwitch: ct-set-limits. */
  readonly connections: number;
};

/** A rule that drops what arrives on some devices once it has counted more connections there than this. */
export type Counter = {
  readonly devices: readonly DeviceName[];
  /** 0 or more. nft: `ct count over N drop`. */
  readonly most: number;
  /** Those of each zone by themselves; or all together, which makes it a named shared budget. */
  readonly counts: 'each-zone' | 'all-zones';
};

export type Network = {
  /** The semantics by which it is judged; absent: today's (spec/era.ts). */
  readonly era?: Era;
  /**
   * The most connections that may have a zone extension, 0 or more; absent: no limit. Named shared budget of the eras in
   * which zones stood in extensions.
   */
  readonly extensions?: number;
  readonly limits?: Limits;
  readonly devices: readonly Device[];
  readonly tenants: readonly Tenant[];
  readonly timeouts: Timeouts;
  readonly tcp: TcpSettings;
  readonly fragments: FragmentLimits;
};
