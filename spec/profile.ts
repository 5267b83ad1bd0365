/**
 * A profile: the switches by which the model follows an implementation where it differs for a declared reason.
 * Each switch is a divergence; a subject names the profile that it is judged by.
 */
export type Profile = {
  /**
   * Whether a UDP connection becomes a stream two seconds after its first packet (nf_conntrack_udp_packet). The two
   * seconds are the kernel's own clock, which no test can turn, so a kernel under virtual time is judged by `never`. It
   * is given the short timeout for streams too, so one that control made, a stream at once, has no longer one either.
   */
  readonly udpStream: 'after-two-seconds' | 'never';
  /**
   * The pseudo header that a UDP-Lite checksum is verified with. RFC 3828 asks for UDP-Lite's number and the length; Linux
   * takes UDP's number, and in IPv4 the low eight bits of the length (udplite_error(), nf_ip_checksum_partial(), which swaps
   * two arguments; nf_ip6_checksum_partial() does not), so that what is right to every host is invalid to its tracking.
   */
  readonly udpLiteChecksum: 'udp-lite' | 'linux';
  /**
   * A FIN or RST out of the window shortens a timer that has two minutes left or more (nf_tcp_handle_invalid). These two
   * minutes are the kernel's own clock too: a kernel whose timers run a hundred times as long takes them for two seconds.
   */
  readonly tcpLongTimer: 'two-minutes' | 'two-seconds';
  /**
   * What a packet passes. Linux is a router with a tracker: what IP refuses is gone before, and hops are counted behind. Open
   * vSwitch's userspace datapath is a switch with a tracker of its own, which shares hardly a rule with the other: it has its
   * own chapters (spec/open-vswitch/), and of the others only the end of connections and control hold there.
   */
  readonly datapath: 'linux' | 'open-vswitch';
  /** Which Open vSwitch: up to 3.7, fragments that waited too long go on with whatever comes next; 4.0 drops them. */
  readonly ovsMajor: 3 | 4;
};

/** The model itself. */
export const REFERENCE: Profile = { udpStream: 'after-two-seconds', udpLiteChecksum: 'udp-lite', tcpLongTimer: 'two-minutes', datapath: 'linux', ovsMajor: 3 };
