/**
 * TCP: what a segment does to its connection.
 *
 *     state table -> special cases -> window -> state and timer
 *
 * Source: nf_conntrack_tcp_packet(), tcp_new(); RFC 9293.
 */
import { match } from 'ts-pattern';
import type { Connection } from './connection.ts';
import type { Effect, Moment, Protocol } from './protocol.ts';
import type { Rules } from './rule.ts';
import type { RuleId } from './rules.ts';
import { ALL_ZEROS, type History, NO_HISTORY, opposite, SILENT, type Side, withOptions } from './tcp/history.ts';
import { synOptions } from './tcp/options.ts';
import { judgeReset } from './tcp/reset.ts';
import { readSegment, type Segment } from './tcp/segment.ts';
import { plus } from './tcp/sequence.ts';
import { cellOf, type State } from './tcp/states.ts';
import { timerOf } from './tcp/timer.ts';
import { checkWindow } from './tcp/window.ts';
import type { Tcp } from './trace/transport.ts';
import type { Direction } from './zone.ts';

export const tcpRules = {
  'tcp.opens': {
    sentence: 'A SYN opens a connection.',
    source: 'tcp_new()',
  },
  'tcp.picked-up': {
    sentence: 'An ACK of no connection belongs to one whose beginning was not seen: it is picked up as established, both sides liberal.',
    source: 'tcp_new(), nf_conntrack_tcp_loose=1',
  },
  'tcp.not-picked-up': {
    sentence: 'If the network is not loose, that ACK is invalid.',
    source: 'tcp_new(), nf_conntrack_tcp_loose=0',
  },
  'tcp.no-beginning': {
    sentence: 'Any other segment of no connection is invalid.',
    source: 'tcp_new(), "invalid new"',
  },
  'tcp.invalid-in-state': {
    sentence: 'The state table calls the segment invalid: its sender cannot have sent it.',
    source: 'tcp_conntracks, sIV',
  },
  'tcp.keep-alive': {
    sentence: 'But of a connection that control made, and that might be a proxied one, an ACK of the originator that says its last byte again passes in SYN_SENT, and nothing comes of it.',
    source: 'nf_conntrack_tcp_packet(), "Special case for SYN proxy"; ctnetlink_create_conntrack(), nfct_synproxy_ext_add()',
  },
  'tcp.ignored-in-state': {
    sentence: 'The state table ignores the segment: it is accepted and remembered, and the receiver will say whether it was right.',
    source: 'tcp_conntracks, sIG',
  },
  'tcp.moves': {
    sentence: 'The state table leads to another state, if the window allows it.',
    source: 'tcp_conntracks',
  },
  'tcp.stays': {
    sentence: 'The state table leads to the state that the connection is in.',
    source: 'tcp_conntracks',
  },
  'tcp.reopens': {
    sentence: 'A SYN where one side closed, or behind a reset of its own sender, opens a new connection in place of the old one.',
    source: 'nf_conntrack_tcp_packet(), NF_REPEAT; RFC 9293 section 3.10.7.4, RFC 6191',
  },
  'tcp.not-reopened': {
    sentence: 'Any other SYN after the end is ignored.',
    source: 'nf_conntrack_tcp_packet(), case TCP_CONNTRACK_SYN_SENT, fallthrough',
  },
  'tcp.resynchronises': {
    sentence: 'A SYN and ACK that acknowledges an ignored SYN shows that the two ends know better: the connection opens again, with what that SYN said.',
    source: 'nf_conntrack_tcp_packet(), "This SYN/ACK acknowledges a SYN that we earlier ignored"',
  },
  'tcp.challenge': {
    sentence: 'In LAST_ACK an ACK behind an ignored SYN is a challenge and acknowledges no FIN: nothing moves.',
    source: 'nf_conntrack_tcp_packet(), IP_CT_EXP_CHALLENGE_ACK; RFC 5961 section 4',
  },
  'tcp.simultaneous': {
    sentence: 'Both sides sent a SYN, which is remembered.',
    source: 'nf_conntrack_tcp_packet(), IP_CT_TCP_SIMULTANEOUS_OPEN; RFC 9293 section 3.5',
  },
  'tcp.simultaneous-established': {
    sentence: 'After that the ACK of the side that was called establishes the connection too.',
    source: 'nf_conntrack_tcp_packet(), case TCP_CONNTRACK_SYN_RECV',
  },
  'tcp.invalid-end': {
    sentence: 'A FIN or RST out of the window of an assured connection is invalid, and remembered.',
    source: 'nf_tcp_handle_invalid()',
  },
  'tcp.invalid-ends': {
    sentence: 'If the last segment was a FIN or RST of the other side, a timer with two minutes left is cut down to that of unacknowledged data;',
    source: 'nf_tcp_handle_invalid(), "lower timeout"',
  },
  'tcp.invalid-ends-late': {
    sentence: 'one with less left goes on.',
    source: 'nf_tcp_handle_invalid(), "expires < 120 * HZ"',
  },
  'tcp.invalid-ends-early': {
    sentence: 'Where two minutes of the clock are two seconds of the timers, such a timer is cut down as well.',
    source: 'nf_tcp_handle_invalid(), "120 * HZ": real time',
    under: { tcpLongTimer: 'two-seconds' },
  },
} as const satisfies Rules;

/** A segment, the connection that it meets, and all that stands around. */
type Encounter = {
  readonly segment: Segment;
  readonly direction: Direction;
  readonly connection: Connection;
  readonly history: History;
  readonly moment: Moment;
};

/** Where a segment leads if the window allows it. `believed`: the window is not asked. */
type Move = { readonly to: State; readonly history: History; readonly rules: readonly RuleId[]; readonly believed?: boolean };

export const tcp: Protocol<Tcp> = {
  open: (packet, connection, moment) => {
    const segment = readSegment(packet);
    const meet = (history: History): Encounter => ({ segment, direction: 'original', connection, history, moment });
    return match(cellOf('original', segment.kind, 'NONE'))
      .with('SYN_SENT', (to) => conclude(meet(openedBy(segment)), { to, history: openedBy(segment), rules: ['tcp.opens'] }))
      .with('ESTABLISHED', (to) =>
        moment.network.tcp.loose
          ? conclude(meet(pickedUpAt(segment)), { to, history: pickedUpAt(segment), rules: ['tcp.picked-up'] })
          : invalid('tcp.not-picked-up'),
      )
      .otherwise(() => invalid('tcp.no-beginning'));
  },

  follow: (packet, connection, direction, moment) => {
    const segment = readSegment(packet);
    const history = connection.tcp ?? ALL_ZEROS;
    const encounter: Encounter = { segment, direction, connection, history, moment };
    return match(cellOf(direction, segment.kind, history.state))
      .returnType<Effect>()
      .with('invalid', () => (isKeepAlive(encounter) ? { kind: 'tracked', rules: ['tcp.keep-alive'], connection } : invalid('tcp.invalid-in-state')))
      .with('ignored', () => ignore(encounter, 'tcp.ignored-in-state'))
      .with('SYN_SENT', (to) => (isOver(history) ? openAgain(encounter) : conclude(encounter, tableMove(history, to))))
      .with('TIME_WAIT', (to) => (isChallenge(encounter) ? challenged(encounter) : conclude(encounter, tableMove(history, to))))
      .with('SYN_SENT2', (to) => conclude(encounter, { ...also(tableMove(history, to), 'tcp.simultaneous'), history: { ...history, simultaneous: true } }))
      .with('SYN_RECV', (to) => conclude(encounter, answersBoth(encounter) ? bothEstablished(history) : tableMove(history, to)))
      .with('CLOSE', (to) => (segment.kind === 'rst' ? reset(encounter) : conclude(encounter, tableMove(history, to))))
      .otherwise((to) => conclude(encounter, tableMove(history, to)));
  },
};

const invalid = (...rules: readonly RuleId[]): Effect => ({ kind: 'invalid', rules });

const tableMove = (history: History, to: State): Move => ({ to, history, rules: [to === history.state ? 'tcp.stays' : 'tcp.moves'] });

const also = (move: Move, ...rules: readonly RuleId[]): Move => ({ ...move, rules: [...move.rules, ...rules] });

/** The sender of the first segment, as far as that alone tells. */
const firstSender = ({ end, window }: Segment): Side => ({ ...SILENT, end, maxEnd: end, maxWindow: Math.max(1, window) });

const openedBy = (segment: Segment): History => ({
  ...NO_HISTORY,
  original: withOptions(firstSender(segment), synOptions(segment.options)),
});

/** Without the SYNs nobody knows how windows are scaled, so they do not matter. */
const pickedUpAt = (segment: Segment): History => {
  const side = firstSender(segment);
  const believed = { sackPermitted: true, liberal: true } as const;
  return {
    ...NO_HISTORY,
    original: { ...side, ...believed, maxEnd: plus(side.end, side.maxWindow) },
    reply: { ...SILENT, ...believed },
  };
};

const isKeepAlive = ({ segment: { kind, sequence }, direction, connection, history: { state, original, last } }: Encounter): boolean =>
  connection.byControl === true && state === 'SYN_SENT' && kind === 'ack' && direction === 'original' && last.direction === 'original' && plus(sequence, 1) === original.end;

const isOver = ({ state }: History): boolean => state === 'TIME_WAIT' || state === 'CLOSE';

/** A SYN after the end. */
const openAgain = (encounter: Encounter): Effect => {
  const { original, reply, last } = encounter.history;
  const aborted = last.kind === 'rst' && last.direction === encounter.direction;
  return original.closedFirst || reply.closedFirst || aborted ? { kind: 'anew', rules: ['tcp.reopens'] } : ignore(encounter, 'tcp.not-reopened');
};

/** The segment passes and nothing moves, but it is remembered; an ignored SYN of the originator with all that it says. */
const ignore = (encounter: Encounter, rule: RuleId): Effect => {
  const { segment, direction, connection, history } = encounter;
  const { kind, sequence, end, window, acknowledgement } = segment;
  const { last } = history;
  if (kind === 'synack' && last.kind === 'syn' && last.direction !== direction && acknowledgement === last.end) {
    return conclude(encounter, { to: 'SYN_RECV', history: resynchronised(history, direction), rules: [rule, 'tcp.resynchronises'] });
  }
  const mayBeChallenge = history.state === 'SYN_SENT' && kind === 'ack';
  const remembered = { ...history, last: { kind, direction, sequence, end, window, acknowledgement: mayBeChallenge ? acknowledgement : last.acknowledgement } };
  const isSyn = kind === 'syn' && direction === 'original';
  const after = isSyn
    ? { ...remembered, ignoredSyn: synOptions(segment.options), challengeExpected: history.state === 'LAST_ACK', simultaneous: false }
    : remembered;
  return { kind: 'tracked', rules: [rule], connection: { ...connection, tcp: after } };
};

/** What the ignored SYN said holds for its sender; nothing holds for the one that answers it now. */
const resynchronised = (history: History, direction: Direction): History => {
  const { last, ignoredSyn } = history;
  const { end } = last;
  return {
    ...history,
    challengeExpected: false,
    [opposite(direction)]: { ...withOptions({ ...SILENT, end, maxEnd: end, maxWindow: Math.max(1, last.window) }, ignoredSyn) },
    [direction]: { ...SILENT, liberal: history[direction].liberal },
  };
};

const isChallenge = ({ segment, direction, history: { state, last, challengeExpected } }: Encounter): boolean =>
  state === 'LAST_ACK' && segment.kind === 'ack' && last.direction !== direction && last.kind === 'syn' && challengeExpected;

const challenged = ({ connection, history }: Encounter): Effect => ({
  kind: 'tracked',
  rules: ['tcp.challenge'],
  connection: { ...connection, tcp: { ...history, challengeExpected: false } },
});

const answersBoth = ({ segment, direction, history }: Encounter): boolean => direction === 'reply' && segment.kind === 'ack' && history.simultaneous;

const bothEstablished = (history: History): Move => ({ to: 'ESTABLISHED', history, rules: ['tcp.simultaneous-established'] });

const reset = (encounter: Encounter): Effect => {
  const { segment, direction, connection, history, moment } = encounter;
  const known = { seenReply: connection.seenReply, assured: connection.assured === true };
  const { rules, effect, believed } = judgeReset(history, direction, segment, known, moment.network.tcp);
  return match(effect)
    .with('invalid', () => invalid(...rules))
    .with('closes', () => conclude(encounter, { to: 'CLOSE', history, rules, believed }))
    .with('keeps', () => conclude(encounter, { to: 'ESTABLISHED', history, rules, believed }))
    .exhaustive();
};

/** The window has its say, and then the segment counts. */
const conclude = (encounter: Encounter, move: Move): Effect => {
  const { segment, direction, connection, moment } = encounter;
  if (move.believed) return arrive(encounter, move);
  const { kind, rules, history } = checkWindow(move.history, direction, segment, moment.network.tcp.liberal);
  const after = also({ ...move, history }, ...rules);
  return match(kind)
    .returnType<Effect>()
    .with('accepted', () => arrive(encounter, after))
    .with('ignored', () => ({ kind: 'tracked', rules: after.rules, connection: { ...connection, tcp: history } }))
    .with('invalid', () => outOfWindow(encounter, after))
    .exhaustive();
};

/** The segment is in the window: the connection moves, and lives from now on. */
const arrive = ({ segment, direction, connection, history: before, moment }: Encounter, { to, history, rules }: Move): Effect => {
  const { seenReply } = connection;
  if (!seenReply && segment.kind === 'rst') return { kind: 'last', rules: [...rules, 'tcp.last'] };

  const closesFirst = before.state !== to && to === 'FIN_WAIT';
  const after: History = {
    ...history,
    state: to,
    last: { ...history.last, kind: segment.kind, direction },
    [direction]: { ...history[direction], closedFirst: closesFirst || history[direction].closedFirst },
  };
  const wasEstablishing = before.state === 'SYN_RECV' || before.state === 'ESTABLISHED';
  const assures = seenReply && !connection.assured && wasEstablishing && to === 'ESTABLISHED';
  const next: Connection = { ...connection, tcp: after, ...(assures && { assured: true }) };
  if (!seenReply && segment.kind === 'syn' && before.state === 'SYN_SENT') {
    return { kind: 'tracked', rules: [...rules, 'tcp.timer-goes-on'], connection: next };
  }
  const { rule, timeoutMs } = timerOf(to, after, seenReply, moment.network.timeouts, moment.network.tcp);
  return {
    kind: 'tracked',
    rules: [...rules, rule, ...(assures ? (['tcp.assured'] as const) : [])],
    connection: { ...next, expiresMs: moment.nowMs + timeoutMs },
  };
};

/**
 * The segment is invalid. But if an assured connection sees ends that are out of the window from both sides, the tracker
 * is probably the one that is wrong, and the connection is not to hang around for days.
 */
const outOfWindow = ({ segment, direction, connection, moment }: Encounter, { history, rules }: Move): Effect => {
  const { kind } = segment;
  const { last } = history;
  if (!connection.assured || (kind !== 'fin' && kind !== 'rst')) return { kind: 'invalid', rules, connection: { ...connection, tcp: history } };
  if (last.direction === direction || (last.kind !== 'fin' && last.kind !== 'rst')) {
    const remembered = { ...history, last: { ...last, kind, direction } };
    return { kind: 'invalid', rules: [...rules, 'tcp.invalid-end'], connection: { ...connection, tcp: remembered } };
  }
  const { nowMs, network } = moment;
  const leftMs = connection.expiresMs - nowMs;
  const rule = ruleOfEnds(leftMs, moment);
  const cutMs = rule === 'tcp.invalid-ends-late' ? leftMs : Math.min(leftMs, network.timeouts.tcpUnacknowledgedMs);
  return { kind: 'invalid', rules: [...rules, rule], connection: { ...connection, tcp: history, expiresMs: nowMs + cutMs } };
};

const ruleOfEnds = (leftMs: number, { profile }: Moment): keyof typeof tcpRules => {
  if (leftMs >= 120_000) return 'tcp.invalid-ends';
  return profile.tcpLongTimer === 'two-seconds' && leftMs >= 2000 ? 'tcp.invalid-ends-early' : 'tcp.invalid-ends-late';
};
