/**
 * Timers: how long a connection lives after a segment. Each state has its own; what looks dead lives shorter.
 *
 * Source: nf_conntrack_tcp_packet(), after `in_window`; sysctls nf_conntrack_tcp_timeout_*.
 */
import type { Rules } from '../rule.ts';
import type { TcpSettings, Timeouts } from '../trace/network.ts';
import type { History } from './history.ts';
import type { State } from './states.ts';

export const timerRules = {
  'tcp.timer-of-state': {
    sentence: 'A segment gives its connection the timeout of the state that it is in then.',
    source: 'nf_conntrack_tcp_packet(), timeouts[new_state]',
  },
  'tcp.timer-of-retransmissions': {
    sentence: 'If the last ACK was repeated as often as the network tolerates, no more than the timeout of retransmissions.',
    source: 'nf_conntrack_tcp_packet(), tcp_max_retrans; nf_conntrack_tcp_timeout_max_retrans',
  },
  'tcp.timer-of-reset': {
    sentence: 'A reset gives the timeout of what is closed, even where it closes nothing.',
    source: 'nf_conntrack_tcp_packet(), TCP_RST_SET',
  },
  'tcp.timer-of-unacknowledged': {
    sentence: 'While data of some side is not acknowledged, no more than the timeout of unacknowledged data.',
    source: 'nf_conntrack_tcp_packet(), IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED; nf_conntrack_tcp_timeout_unacknowledged',
  },
  'tcp.timer-of-closed-window': {
    sentence: 'After an ACK with a window of 0, and before any ACK, no more than the timeout of retransmissions.',
    source: 'nf_conntrack_tcp_packet(), last_win == 0',
  },
  'tcp.timer-of-unanswered': {
    sentence: 'An established connection without a reply, no more than the timeout of unacknowledged data.',
    source: 'nf_conntrack_tcp_packet(), "mid-connection pickup with loose=1"',
  },
  'tcp.timer-goes-on': {
    sentence: 'A SYN that is repeated without an answer leaves the timer as it was.',
    source: 'nf_conntrack_tcp_packet(), "do not renew timeout on SYN retransmit"',
  },
  'tcp.last': {
    sentence: 'A reset that comes before any reply ends its connection at once.',
    source: 'nf_conntrack_tcp_packet(), nf_ct_kill_acct()',
  },
  'tcp.assured': {
    sentence: 'A connection is assured when it stays or becomes established after a reply was seen.',
    source: 'nf_conntrack_tcp_packet(), IPS_ASSURED_BIT',
  },
} as const satisfies Rules;

/** The settings' name of each state's timeout. */
const TIMEOUT_OF_STATE: Readonly<Record<State, keyof Timeouts>> = {
  SYN_SENT: 'tcpSynSentMs',
  SYN_RECV: 'tcpSynRecvMs',
  ESTABLISHED: 'tcpEstablishedMs',
  FIN_WAIT: 'tcpFinWaitMs',
  CLOSE_WAIT: 'tcpCloseWaitMs',
  LAST_ACK: 'tcpLastAckMs',
  TIME_WAIT: 'tcpTimeWaitMs',
  CLOSE: 'tcpCloseMs',
  SYN_SENT2: 'tcpSynSent2Ms',
};

type Timer = { readonly rule: keyof typeof timerRules; readonly timeoutMs: number };

/** The timeout of a connection that a segment brought into a state; the segment is in its history already. */
export const timerOf = (state: State, history: History, seenReply: boolean, timeouts: Timeouts, settings: TcpSettings): Timer => {
  const timer = timerOfHistory(state, history, timeouts, settings);
  const unanswered = !seenReply && state === 'ESTABLISHED' && timer.timeoutMs > timeouts.tcpUnacknowledgedMs;
  return unanswered ? { rule: 'tcp.timer-of-unanswered', timeoutMs: timeouts.tcpUnacknowledgedMs } : timer;
};

const timerOfHistory = (state: State, history: History, timeouts: Timeouts, settings: TcpSettings): Timer => {
  const { last, original, reply, retransmissions } = history;
  const timeoutMs = timeouts[TIMEOUT_OF_STATE[state]];
  const { tcpMaxRetransMs, tcpUnacknowledgedMs } = timeouts;
  const overRetransmissions = timeoutMs > tcpMaxRetransMs;
  const unacknowledged = original.unacknowledged || reply.unacknowledged;

  if (retransmissions >= settings.maxRetrans && overRetransmissions) return { rule: 'tcp.timer-of-retransmissions', timeoutMs: tcpMaxRetransMs };
  if (last.kind === 'rst') return { rule: 'tcp.timer-of-reset', timeoutMs: timeouts.tcpCloseMs };
  if (unacknowledged && timeoutMs > tcpUnacknowledgedMs) return { rule: 'tcp.timer-of-unacknowledged', timeoutMs: tcpUnacknowledgedMs };
  if (last.window === 0 && overRetransmissions) return { rule: 'tcp.timer-of-closed-window', timeoutMs: tcpMaxRetransMs };
  return { rule: 'tcp.timer-of-state', timeoutMs };
};
