/**
 * Window tracking: whether a segment can be what its sender would send now.
 *
 * Four bounds, of which each side's are known from what the other side sent. `sequence` to `end` is what the segment
 * carries; `edge` is what it acknowledges, selective acknowledgements included:
 *
 *     I    sequence <= sender.maxEnd                      not beyond the receiver's window
 *     II   end      >= sender.end - receiver.maxWindow    not older than a window
 *     III  edge     <= receiver.end                       nothing acknowledged that was not sent
 *     IV   edge     >= receiver.end - patience            no acknowledgement that is too old
 *
 * Source: Guido van Rooij, "Real Stateful TCP Packet Filtering in IP Filter" (2001); tcp_in_window().
 */
import { same } from '../plain.ts';
import type { Rules } from '../rule.ts';
import type { RuleId } from '../rules.ts';
import type { Direction } from '../zone.ts';
import { type History, type Last, opposite, type Side, withOptions } from './history.ts';
import { selectiveEdge, synOptions } from './options.ts';
import type { Segment } from './segment.ts';
import { after, before, plus, type Sequence } from './sequence.ts';

export const windowRules = {
  'tcp.first-syn': {
    sentence: 'The first segment of a side, if it is a SYN, says where the side begins; windows are scaled only if both SYNs offer it.',
    source: 'tcp_in_window(), tcp_init_sender(); RFC 7323 section 2.2',
  },
  'tcp.first-other': {
    sentence: 'Any other first segment of a side is believed; if the other side was silent too, so is what it acknowledges.',
    source: 'tcp_in_window(), "its history is lost for us"',
  },
  'tcp.keep-alive-answer': {
    sentence: 'A first segment that acknowledges one byte more than was sent answers a keep-alive, and the byte counts as sent.',
    source: 'tcp_in_window(), "Likely a reply to a keepalive"',
  },
  'tcp.syn-again': {
    sentence: 'A SYN with a higher sequence number, while the connection opens, begins its side anew.',
    source: 'tcp_in_window(), tcp_init_sender() in SYN_SENT and SYN_RECV; RFC 9293 section 3.4.3',
  },
  'tcp.in-window': {
    sentence: 'A segment within all four bounds is in the window, and what is known of both sides follows it.',
    source: 'tcp_in_window(), "Update sender data"',
  },
  'tcp.over-window': {
    sentence: 'A segment beyond the window of the receiver is invalid.',
    source: 'tcp_in_window(), "SEQ is over upper bound"',
  },
  'tcp.overshoot': {
    sentence: 'If it goes beyond by no more than a window, and all else is right, it is ignored, but its end may be acknowledged.',
    source: 'tcp_in_window(), "bytes more than expected"',
  },
  'tcp.acknowledges-unseen': {
    sentence: 'A segment that acknowledges what was not seen is invalid.',
    source: 'tcp_in_window(), "ACK is over upper bound"',
  },
  'tcp.under-window': {
    sentence: 'A segment that ends more than a window before what was sent is ignored.',
    source: 'tcp_in_window(), "SEQ is under lower bound"',
  },
  'tcp.acknowledges-too-late': {
    sentence: 'A segment that acknowledges less than 66000 bytes, or a window if that is larger, before what was sent is ignored.',
    source: 'tcp_in_window(), "ignored ACK under lower bound", MAXACKWINDOW',
  },
  'tcp.liberal': {
    sentence: 'If its sender or the network is liberal, a segment out of the window is accepted, and nothing is learnt from it.',
    source: 'nf_tcp_log_invalid(); nf_conntrack_tcp_be_liberal, IP_CT_TCP_FLAG_BE_LIBERAL',
  },
} as const satisfies Rules;

/** An acknowledgement may always be so much behind (MAXACKWINCONST). */
const LEAST_PATIENCE = 66_000;

export type WindowCheck = {
  readonly kind: 'accepted' | 'ignored' | 'invalid';
  readonly rules: readonly RuleId[];
  readonly history: History;
};

/** A segment, the side that sent it, and the other one. */
type Meeting = { readonly history: History; readonly direction: Direction; readonly sender: Side; readonly receiver: Side };

/** `liberal` is the network's setting. */
export const checkWindow = (before: History, direction: Direction, segment: Segment, liberal: boolean): WindowCheck => {
  const begun = begin(before, direction, segment);
  const rules = begun.rule ? [begun.rule] : [];
  if (begun.opens) return { kind: 'accepted', rules, history: begun.history };

  const meeting = meet(begun.history, direction);
  const claim = claimOf(meeting, segment);
  const breach = breachOf(meeting, claim);
  if (!breach) return { kind: 'accepted', rules: [...rules, 'tcp.in-window'], history: learn(meeting, segment, claim) };

  const history = breach.rule === 'tcp.overshoot' ? allowOvershoot(meeting, claim) : meeting.history;
  return liberal || meeting.sender.liberal
    ? { kind: 'accepted', rules: [...rules, breach.rule, 'tcp.liberal'], history }
    : { kind: breach.kind, rules: [...rules, breach.rule], history };
};

const meet = (history: History, direction: Direction): Meeting => ({
  history,
  direction,
  sender: history[direction],
  receiver: history[opposite(direction)],
});

const withSides = ({ history, direction }: Meeting, sender: Side, receiver: Side): History => ({
  ...history,
  [direction]: sender,
  [opposite(direction)]: receiver,
});

/** What is known before the bounds are applied. It `opens` if there are none yet: a SYN that answers no SYN. */
type Begun = { readonly history: History; readonly rule?: RuleId; readonly opens?: boolean };

const begin = (history: History, direction: Direction, segment: Segment): Begun => {
  const meeting = meet(history, direction);
  const isSyn = segment.kind === 'syn' || segment.kind === 'synack';
  if (meeting.sender.maxWindow === 0) {
    return isSyn
      ? { rule: 'tcp.first-syn', history: beginBySyn(meeting, segment), opens: segment.kind === 'syn' }
      : beginInTheMiddle(meeting, segment);
  }
  const opening = history.state === 'SYN_SENT' || history.state === 'SYN_RECV';
  if (isSyn && opening && after(segment.end, meeting.sender.end)) {
    return {
      rule: 'tcp.syn-again',
      history: beginBySyn(meeting, segment),
      opens: segment.kind === 'syn' && direction === 'reply',
    };
  }
  return { history };
};

const beginBySyn = (meeting: Meeting, { end, window, options }: Segment): History => {
  const heard = withOptions(meeting.sender, options === '' ? undefined : synOptions(options));
  const sender = { ...heard, end, maxEnd: end, maxWindow: Math.max(1, window) };
  const both = meeting.direction === 'original' || (sender.scales && meeting.receiver.scales);
  return both ? withSides(meeting, sender, meeting.receiver) : withSides(meeting, { ...sender, scale: 0 }, { ...meeting.receiver, scale: 0 });
};

const beginInTheMiddle = (meeting: Meeting, segment: Segment): Begun => {
  const { receiver } = meeting;
  const maxWindow = Math.max(1, segment.window * 2 ** meeting.sender.scale);
  const sender = { ...meeting.sender, end: segment.end, maxWindow, maxEnd: plus(segment.end, maxWindow) };
  const edge = edgeOf(segment, receiver);
  if (receiver.maxWindow === 0) {
    return { rule: 'tcp.first-other', history: withSides(meeting, sender, { ...receiver, end: edge, maxEnd: edge }) };
  }
  return edge === plus(receiver.end, 1)
    ? { rule: 'tcp.keep-alive-answer', history: withSides(meeting, sender, { ...receiver, end: edge }) }
    : { rule: 'tcp.first-other', history: withSides(meeting, sender, receiver) };
};

/** What the field says, whether the flag makes it count or not. */
const edgeOf = ({ acknowledgement, options }: Segment, receiver: Side): Sequence =>
  receiver.sackPermitted ? selectiveEdge(options, acknowledgement) : acknowledgement;

/** The numbers that are held against the bounds. */
type Claim = {
  readonly sequence: Sequence;
  readonly end: Sequence;
  readonly acknowledgement: Sequence;
  readonly edge: Sequence;
};

/**
 * A segment that acknowledges nothing is taken to acknowledge all; so is a reset that acknowledges 0, as broken stacks
 * send it. A reset with sequence number 0 that answers a SYN stands where its sender does.
 */
const claimOf = ({ history, sender, receiver }: Meeting, segment: Segment): Claim => {
  const { kind, acknowledges, acknowledgement } = segment;
  const answersSyn = kind === 'rst' && segment.sequence === 0 && history.state === 'SYN_SENT';
  const place = answersSyn ? { sequence: sender.end, end: sender.end } : { sequence: segment.sequence, end: segment.end };
  return acknowledges && !(kind === 'rst' && acknowledgement === 0)
    ? { acknowledgement, edge: edgeOf(segment, receiver), ...place }
    : { acknowledgement: receiver.end, edge: receiver.end, ...place };
};

type Breach =
  | { readonly kind: 'invalid'; readonly rule: 'tcp.over-window' | 'tcp.acknowledges-unseen' }
  | { readonly kind: 'ignored'; readonly rule: 'tcp.overshoot' | 'tcp.under-window' | 'tcp.acknowledges-too-late' };

const breachOf = ({ sender, receiver }: Meeting, { sequence, end, edge }: Claim): Breach | undefined => {
  const patience = Math.max(LEAST_PATIENCE, sender.maxWindow);
  const unseen = after(edge, receiver.end);
  const tooLate = before(edge, plus(receiver.end, -patience));
  const tooOld = receiver.maxWindow > 0 && before(end, plus(sender.end, -receiver.maxWindow));
  if (after(sequence, sender.maxEnd)) {
    const beyond = plus(end, 1 - sender.maxEnd);
    return !unseen && !tooLate && !tooOld && receiver.maxWindow > 0 && beyond <= receiver.maxWindow
      ? { kind: 'ignored', rule: 'tcp.overshoot' }
      : { kind: 'invalid', rule: 'tcp.over-window' };
  }
  if (unseen) return { kind: 'invalid', rule: 'tcp.acknowledges-unseen' };
  if (tooOld) return { kind: 'ignored', rule: 'tcp.under-window' };
  return tooLate ? { kind: 'ignored', rule: 'tcp.acknowledges-too-late' } : undefined;
};

const allowOvershoot = (meeting: Meeting, { end }: Claim): History =>
  withSides(meeting, { ...meeting.sender, end, unacknowledged: true }, meeting.receiver);

/** A segment that is in the window says how far both sides came. */
const learn = (meeting: Meeting, segment: Segment, claim: Claim): History => {
  const window = segment.kind === 'syn' || segment.kind === 'synack' ? segment.window : segment.window * 2 ** meeting.sender.scale;
  const history = withSides(meeting, learnOfSender(meeting.sender, segment, claim, window), learnOfReceiver(meeting, claim, window));
  return segment.kind === 'ack' ? countRepetition(history, meeting.direction, segment, claim) : history;
};

const learnOfSender = (sender: Side, { acknowledges }: Segment, { end, acknowledgement, edge }: Claim, window: number): Side => {
  const sentMore = after(end, sender.end);
  const { maxAcknowledgement } = sender;
  const acknowledgesMore = acknowledges && (maxAcknowledgement === undefined || after(acknowledgement, maxAcknowledgement));
  return {
    ...sender,
    end: sentMore ? end : sender.end,
    unacknowledged: sentMore || sender.unacknowledged,
    maxWindow: Math.max(sender.maxWindow, window + plus(edge, -acknowledgement)),
    maxAcknowledgement: acknowledgesMore ? acknowledgement : maxAcknowledgement,
  };
};

const learnOfReceiver = ({ sender, receiver }: Meeting, { end, acknowledgement, edge }: Claim, window: number): Side => {
  const widened = receiver.maxWindow > 0 && after(end, sender.maxEnd) ? plus(receiver.maxWindow, plus(end, -sender.maxEnd)) : receiver.maxWindow;
  const maySendTo = plus(edge, window);
  const more = !before(maySendTo, receiver.maxEnd);
  return {
    ...receiver,
    maxWindow: widened,
    // A window of 0 may be probed by one byte.
    maxEnd: more ? plus(maySendTo, window === 0 ? 1 : 0) : receiver.maxEnd,
    unacknowledged: receiver.unacknowledged && acknowledgement !== receiver.end,
  };
};

/** The counter is a byte. */
const COUNTED = 256;

/** An ACK that is the last one again is a retransmission, or asks for one. */
const countRepetition = (history: History, direction: Direction, { window }: Segment, claim: Claim): History => {
  const last: Last = {
    kind: history.last.kind,
    direction,
    sequence: claim.sequence,
    end: claim.end,
    acknowledgement: claim.acknowledgement,
    window,
  };
  return same(last, history.last)
    ? { ...history, retransmissions: (history.retransmissions + 1) % COUNTED }
    : { ...history, last, retransmissions: 0 };
};
