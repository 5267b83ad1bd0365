/**
 * Timeouts as they are unless a network says otherwise: Linux' own.
 *
 * Source: the sysctls named beside them.
 */
import type { Timeouts } from './trace/network.ts';

export const DEFAULT_TIMEOUTS: Timeouts = {
  udpMs: 30_000, // nf_conntrack_udp_timeout
  udpStreamMs: 120_000, // nf_conntrack_udp_timeout_stream
  tcpSynSentMs: 120_000, // nf_conntrack_tcp_timeout_syn_sent
  tcpSynRecvMs: 60_000, // nf_conntrack_tcp_timeout_syn_recv
  tcpEstablishedMs: 432_000_000, // nf_conntrack_tcp_timeout_established, five days
  tcpFinWaitMs: 120_000, // nf_conntrack_tcp_timeout_fin_wait
  tcpCloseWaitMs: 60_000, // nf_conntrack_tcp_timeout_close_wait
  tcpLastAckMs: 30_000, // nf_conntrack_tcp_timeout_last_ack
  tcpTimeWaitMs: 120_000, // nf_conntrack_tcp_timeout_time_wait
  tcpCloseMs: 10_000, // nf_conntrack_tcp_timeout_close
  tcpSynSent2Ms: 120_000, // no sysctl; CTA_TIMEOUT_TCP_SYN_SENT2
  tcpMaxRetransMs: 300_000, // nf_conntrack_tcp_timeout_max_retrans
  tcpUnacknowledgedMs: 300_000, // nf_conntrack_tcp_timeout_unacknowledged
  greMs: 30_000, // nf_conntrack_gre_timeout
  greStreamMs: 180_000, // nf_conntrack_gre_timeout_stream
  sctpClosedMs: 10_000, // nf_conntrack_sctp_timeout_closed
  sctpCookieWaitMs: 3000, // nf_conntrack_sctp_timeout_cookie_wait
  sctpCookieEchoedMs: 3000, // nf_conntrack_sctp_timeout_cookie_echoed
  sctpEstablishedMs: 210_000, // nf_conntrack_sctp_timeout_established
  sctpShutdownSentMs: 3000, // nf_conntrack_sctp_timeout_shutdown_sent
  sctpShutdownReceivedMs: 3000, // nf_conntrack_sctp_timeout_shutdown_recd
  sctpShutdownAckSentMs: 3000, // nf_conntrack_sctp_timeout_shutdown_ack_sent
  sctpHeartbeatSentMs: 30_000, // nf_conntrack_sctp_timeout_heartbeat_sent
  genericMs: 600_000, // nf_conntrack_generic_timeout
  icmpMs: 30_000, // nf_conntrack_icmp_timeout
  icmp6Ms: 30_000, // nf_conntrack_icmpv6_timeout
  fragmentMs: 30_000, // ipfrag_time
  fragment6Ms: 60_000, // nf_conntrack_frag6_timeout
};

/** In the order in which they stand above. */
export const TIMEOUT_NAMES: readonly (keyof Timeouts)[] = Object.keys(DEFAULT_TIMEOUTS).filter(
  (name): name is keyof Timeouts => name in DEFAULT_TIMEOUTS,
);
