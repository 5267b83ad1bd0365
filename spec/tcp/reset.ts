/**
 * Resets: whether a RST is believed, because anybody can send one.
 *
 * A reset has to name the very sequence number that the other side acknowledged last (RFC 5961 section 3.2). If it names
 * one ahead, the receiver asks back by a challenge ACK, so the connection stays as it is until the answer comes.
 *
 * Source: nf_conntrack_tcp_packet(), case TCP_CONNTRACK_CLOSE.
 */
import type { Rules } from '../rule.ts';
import type { TcpSettings } from '../trace/network.ts';
import type { Direction } from '../zone.ts';
import { type History, opposite } from './history.ts';
import type { Segment } from './segment.ts';
import { before } from './sequence.ts';
import { isClosing } from './states.ts';

export const resetRules = {
  'tcp.reset-of-the-closing': {
    sentence: 'A reset of a connection that is closing is believed: the tuple may belong to another one already.',
    source: 'nf_conntrack_tcp_packet(), tcp_can_early_drop()',
  },
  'tcp.reset-from-zero': {
    sentence: 'A reset with sequence number 0, of a connection that is not established and assured, probably answers a SYN; the window decides.',
    source: 'nf_conntrack_tcp_packet(), "if (seq == 0 && !nf_conntrack_tcp_established(ct))"',
  },
  'tcp.reset-from-the-past': {
    sentence: 'A reset before what the other side acknowledged is invalid, unless the network ignores that.',
    source: 'nf_conntrack_tcp_packet(), "invalid rst"; nf_conntrack_tcp_ignore_invalid_rst',
  },
  'tcp.reset-of-the-unestablished': {
    sentence: 'Any other reset of a connection that is not established and assured closes it, if it is in the window.',
    source: 'nf_conntrack_tcp_packet(), !nf_conntrack_tcp_established()',
  },
  'tcp.reset-exact': {
    sentence: 'A reset that names the very number that the other side acknowledged last closes, if it is in the window.',
    source: 'nf_conntrack_tcp_packet(), td_maxack; RFC 5961 section 3.2',
  },
  'tcp.reset-in-a-row': {
    sentence: 'So does one that follows right behind the ACK that its sender sent last.',
    source: 'nf_conntrack_tcp_packet(), "part of train"',
  },
  'tcp.reset-inexact': {
    sentence: 'Any other reset of an established and assured connection leaves it so, as it will be answered by a challenge ACK.',
    source: 'nf_conntrack_tcp_packet(), "keep established state to allow a possible challenge ACK"',
  },
  'tcp.reset-unmeasured': {
    sentence: 'After a SYN, or while the other side acknowledged nothing, a reset is held against the window only.',
    source: 'nf_conntrack_tcp_packet(), IP_CT_TCP_FLAG_MAXACK_SET, last_index',
  },
  'tcp.reset-answers-ignored': {
    sentence: "A reset that acknowledges the other side's last SYN, where a reply was seen, or the last ACK of whatever side, where the connection is not assured, is believed.",
    source: 'nf_conntrack_tcp_packet(), "RST sent to invalid SYN or ACK we had let through"',
  },
  'tcp.reset-answers-challenge': {
    sentence: 'A reset that names what an ignored ACK acknowledged, where a SYN and ACK was expected, is believed: it answers a challenge.',
    source: 'nf_conntrack_tcp_packet(), "Reset in response to a challenge-ack"',
  },
} as const satisfies Rules;

/** What is known of the connection beside its history. */
export type Known = { readonly seenReply: boolean; readonly assured: boolean };

type Reset = {
  readonly rules: readonly (keyof typeof resetRules)[];
  /** It closes, it leaves the connection established, or it is invalid. */
  readonly effect: 'closes' | 'keeps' | 'invalid';
  /** The window does not matter to it. */
  readonly believed: boolean;
};

export const judgeReset = (history: History, direction: Direction, segment: Segment, known: Known, settings: TcpSettings): Reset => {
  if (isClosing(history.state)) return { rules: ['tcp.reset-of-the-closing'], effect: 'closes', believed: true };
  const { rule, effect, final } = measure(history, direction, segment, known, settings);
  const answer = final ? undefined : answered(history, direction, segment, known);
  return { rules: answer ? [rule, answer] : [rule], effect, believed: answer !== undefined };
};

/** It is `final` if it does not matter what the reset may answer. */
type Measured = { readonly rule: keyof typeof resetRules; readonly effect: Reset['effect']; readonly final: boolean };

const closes = (rule: keyof typeof resetRules): Measured => ({ rule, effect: 'closes', final: true });

const measure = (history: History, direction: Direction, { sequence }: Segment, { assured }: Known, settings: TcpSettings): Measured => {
  const expected = history[opposite(direction)].maxAcknowledgement;
  const { last } = history;
  const established = history.state === 'ESTABLISHED' && assured;

  if (expected === undefined || last.kind === 'syn') return { rule: 'tcp.reset-unmeasured', effect: 'closes', final: false };
  if (sequence === 0 && !established) return closes('tcp.reset-from-zero');
  if (before(sequence, expected) && !settings.ignoreInvalidRst) return { rule: 'tcp.reset-from-the-past', effect: 'invalid', final: true };
  if (!established) return closes('tcp.reset-of-the-unestablished');
  if (sequence === expected) return closes('tcp.reset-exact');
  if (last.kind === 'ack' && last.direction === direction && sequence === last.end) return closes('tcp.reset-in-a-row');
  return { rule: 'tcp.reset-inexact', effect: 'keeps', final: false };
};

const answered = ({ state, last }: History, direction: Direction, { sequence, acknowledgement }: Segment, { seenReply, assured }: Known) => {
  const ignored = (seenReply && last.kind === 'syn' && last.direction !== direction) || (!assured && last.kind === 'ack');
  if (ignored && acknowledgement === last.end) return 'tcp.reset-answers-ignored';
  const challenged = state === 'SYN_SENT' && last.kind === 'ack' && last.direction === 'reply';
  return challenged && sequence === last.acknowledgement ? 'tcp.reset-answers-challenge' : undefined;
};
