/**
 * TCP's settings as they are unless a network says otherwise: Linux' own.
 *
 * Source: the sysctls named beside them.
 */
import type { TcpSettings } from '../trace/network.ts';

export const DEFAULT_TCP: TcpSettings = {
  loose: true, // nf_conntrack_tcp_loose
  liberal: false, // nf_conntrack_tcp_be_liberal
  maxRetrans: 3, // nf_conntrack_tcp_max_retrans
  ignoreInvalidRst: false, // nf_conntrack_tcp_ignore_invalid_rst
};
