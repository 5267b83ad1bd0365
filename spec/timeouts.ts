/**
 * Timeouts as they are unless a network says otherwise: Linux' own.
 *
 * Source: the sysctls named beside them.
 */
import type { Timeouts } from './trace/network.ts';

export const DEFAULT_TIMEOUTS: Timeouts = {
  udpMs: 30_000, // nf_conntrack_udp_timeout
  udpStreamMs: 120_000, // nf_conntrack_udp_timeout_stream
  icmpMs: 30_000, // nf_conntrack_icmp_timeout
  fragmentMs: 30_000, // ipfrag_time
};

/** In the order in which they stand above. */
export const TIMEOUT_NAMES: readonly (keyof Timeouts)[] = Object.keys(DEFAULT_TIMEOUTS).filter(
  (name): name is keyof Timeouts => name in DEFAULT_TIMEOUTS,
);
