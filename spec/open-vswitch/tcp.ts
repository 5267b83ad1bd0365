/**
 * Open vSwitch: what a segment does to a TCP connection. Its tracker is that of BSD's packet filter: each side has a state
 * of its own, and a segment is believed for its place in the windows, not for what state it comes in.
 *
 * Source: Guido van Rooij, "Real Stateful TCP Packet Filtering in IP Filter" (2001); lib/conntrack-tcp.c, the same from 3.1 to
 * 4.0.
 */
import type { Rules } from '../rule.ts';
import { after, before, plus, type Sequence } from '../tcp/sequence.ts';
import { type Bytes, lengthOf, numberAt } from '../trace/packet.ts';
import type { Tcp } from '../trace/transport.ts';

const under = { datapath: 'open-vswitch' } as const;

export const ovsTcpRules = {
  'ovs.tcp-unsound': {
    sentence: 'TCP that is too short, of an impossible header length, or with a wrong checksum is invalid.',
    source: 'check_l4_tcp()',
    under,
  },
  'ovs.tcp-flags': {
    sentence: 'SYN with FIN or RST, a segment without SYN, ACK and RST, and FIN, PSH or URG without ACK are invalid.',
    source: 'tcp_invalid_flags()',
    under,
  },
  'ovs.tcp-no-beginning': {
    sentence: 'A SYN with ACK begins no connection and is invalid; anything else does, FIN and RST too.',
    source: 'tcp_valid_new()',
    under,
  },
  'ovs.tcp-anew': {
    sentence: 'A SYN on a connection that is over on both sides ends it, and begins another one in its own direction.',
    source: 'tcp_conn_update(), CT_UPDATE_NEW',
    under,
  },
  'ovs.tcp-syn': {
    sentence: 'The SYN of a side of which nothing but SYNs was seen is new and no reply, whichever side it is, and gives the connection 30 seconds.',
    source: 'tcp_conn_update(), CT_UPDATE_VALID_NEW',
    under,
  },
  'ovs.tcp-in-window': {
    sentence: 'A segment in the window is established; how long the connection then lives follows from the states of both sides.',
    source: 'tcp_conn_update(), CT_UPDATE_VALID; conn_update_expiration()',
    under,
  },
  'ovs.tcp-near-window': {
    sentence: 'If the other side was not heard yet, or one is over, a segment less than 67036 bytes from the window is established too, but gives no time.',
    source: 'tcp_conn_update(), MAXACKWINDOW',
    under,
  },
  'ovs.tcp-out-of-window': {
    sentence: 'Any other segment is invalid; still, the first one of a side counts as heard.',
    source: 'tcp_conn_update(), CT_UPDATE_INVALID',
    under,
  },
} as const satisfies Rules;

/** What a side can be in, in the order in which it gets there. */
const STATES = ['CLOSED', 'SYN_SENT', 'ESTABLISHED', 'CLOSING', 'FIN_WAIT_2', 'TIME_WAIT'] as const;

export type PeerState = (typeof STATES)[number];

/** What is known of one side. */
export type Peer = {
  readonly state: PeerState;
  /** How far it has sent. */
  readonly sent: Sequence;
  /** How far it may send; 1 as long as nobody said. */
  readonly may: Sequence;
  /** The largest window that it offered, 0..65535, scaled by `scale`. */
  readonly window: number;
  /** By how many bits it shifts its windows; absent: it does not. Unknown where the beginning was not seen. */
  readonly scale?: number | 'unknown';
};

/** The side that sent, and the other one. */
export type Peers = { readonly sender: Peer; readonly receiver: Peer };

/** What a segment is to its connection. `expiresInMs` is absent where it gives no time. */
export type OvsSegment = {
  readonly rule: keyof typeof ovsTcpRules;
  readonly peers: Peers;
  readonly expiresInMs?: number;
};

const [OPENING_MS, ESTABLISHED_MS, CLOSING_MS, BOTH_CLOSING_MS, OVER_MS] = [30_000, 86_400_000, 900_000, 45_000, 30_000];
export const TCP_FIRST_MS = OPENING_MS;
/** How far beyond a window is near; the second number is arbitrary, says the source. */
const NEAR = 65_535 + 1500;
const MOST_SCALE = 14;

const isAtLeast = ({ state }: Peer, least: PeerState): boolean => STATES.indexOf(state) >= STATES.indexOf(least);

/** Why nothing is looked up for these flags, if that is so. */
export const hasSoundFlags = ({ flags }: Tcp): boolean => {
  const has = (letter: string): boolean => flags.includes(letter);
  if (has('S') ? has('R') || has('F') : !has('A') && !has('R')) return false;
  return has('A') || (!has('F') && !has('P') && !has('U'));
};

/** The sides of a connection that begins with a segment. */
export const openTcp = (tcp: Tcp): Peers => {
  const isSyn = tcp.flags.includes('S');
  const scale = isSyn ? scaleIn(tcp.options) : 'unknown';
  const common: Pick<Peer, 'scale'> = scale === undefined ? {} : { scale };
  const window = Math.max(tcp.window, 1);
  return {
    sender: { state: 'SYN_SENT', sent: tcp.sequence, may: plus(endOf(tcp), 1), window: typeof scale === 'number' ? shrunk(window, scale) : window, ...common },
    receiver: { state: 'CLOSED', sent: 0, may: 1, window: 1, ...(isSyn ? {} : common) },
  };
};

/** A segment of sound flags on a connection that is there. */
export const followTcp = (peers: Peers, tcp: Tcp): OvsSegment => {
  const { sender, receiver } = peers;
  if (tcp.flags.includes('S') && !tcp.flags.includes('A')) {
    if (isAtLeast(sender, 'FIN_WAIT_2') && isAtLeast(receiver, 'FIN_WAIT_2')) return { rule: 'ovs.tcp-anew', peers };
    if (!isAtLeast(sender, 'ESTABLISHED')) return { rule: 'ovs.tcp-syn', peers: { sender: { ...sender, state: 'SYN_SENT' }, receiver }, expiresInMs: OPENING_MS };
  }
  return place(heard(peers, tcp), tcp);
};

/** Both sides as they are when a segment is put into its place, with what that takes. */
type Heard = Peers & {
  /** As the segment offers it. */
  readonly window: number;
  readonly senderScale: number;
  readonly receiverScale: number;
  /** What it acknowledges may be anything. */
  readonly isTrusted: boolean;
};

/** The first segment of a side says where that begins, and if it is a SYN, whether windows are scaled. */
const heard = ({ sender, receiver }: Peers, tcp: Tcp): Heard => {
  const isSyn = tcp.flags.includes('S');
  const [senderScale, receiverScale] = isSyn ? [0, 0] : scalesOf(sender, receiver);
  const now = { sender, receiver, window: tcp.window, senderScale, receiverScale, isTrusted: false };
  if (sender.state !== 'CLOSED') return now;
  if (!isSyn || typeof receiver.scale !== 'number') return begun(now, tcp);
  const scale = scaleIn(tcp.options);
  if (scale !== undefined) {
    return begun({ ...now, sender: { ...sender, scale }, window: shrunk(tcp.window, scale), senderScale: scale, receiverScale: receiver.scale }, tcp);
  }
  // The other side's offer is void, and what it said so far not scaled.
  return begun({ ...now, sender: withoutScale(sender), receiver: { ...withoutScale(receiver), window: (receiver.window << receiver.scale) & 0xffff } }, tcp);
};

const withoutScale = ({ state, sent, may, window }: Peer): Peer => ({ state, sent, may, window });

const begun = (now: Heard, tcp: Tcp): Heard => {
  const { sender, receiver, window, receiverScale } = now;
  const reach = plus(endOf(tcp), Math.max(1, receiver.window * 2 ** receiverScale));
  const isTrusted = sender.may === 1 || !before(reach, sender.may);
  return {
    ...now,
    isTrusted,
    sender: { ...sender, state: 'SYN_SENT', sent: tcp.sequence, may: isTrusted ? reach : sender.may, window: Math.max(sender.window, window) },
  };
};

const scalesOf = ({ scale: one }: Peer, { scale: other }: Peer): readonly [number, number] => {
  if (typeof one === 'number' && typeof other === 'number') return [one, other];
  return one === 'unknown' && other === 'unknown' ? [MOST_SCALE, MOST_SCALE] : [0, 0];
};

/** Whether a segment can be what its sender would send now, and what both sides are then. */
const place = (now: Heard, tcp: Tcp): OvsSegment => {
  const { sender, receiver, senderScale, receiverScale } = now;
  const acknowledgement = acknowledgedBy(tcp, receiver);
  // Without data it may be anywhere.
  const isEmpty = endOf(tcp) === tcp.sequence;
  const [start, end] = isEmpty ? [sender.sent, sender.sent] : [tcp.sequence, endOf(tcp)];
  const behind = now.isTrusted ? 0 : (receiver.sent - acknowledgement) | 0;
  const isIn =
    !after(end, sender.may) &&
    !before(start, plus(sender.sent, -receiver.window * 2 ** receiverScale)) &&
    behind >= -NEAR &&
    behind <= NEAR * 2 ** senderScale &&
    (!tcp.flags.includes('R') || [0, 1, -1].some((by) => tcp.sequence === plus(sender.sent, by)));
  if (isIn) {
    const peers = withStates(synchronised(now, end, acknowledgement), tcp);
    return { rule: 'ovs.tcp-in-window', peers, expiresInMs: timeOf(peers) };
  }
  const isUnsettled = receiver.state === 'CLOSED' || isAtLeast(receiver, 'FIN_WAIT_2') || isAtLeast(sender, 'FIN_WAIT_2');
  if (isUnsettled && !after(end, plus(sender.may, NEAR)) && !before(start, plus(sender.sent, -NEAR))) {
    return { rule: 'ovs.tcp-near-window', peers: withEnds(synchronised(now, end, acknowledgement), tcp) };
  }
  return { rule: 'ovs.tcp-out-of-window', peers: { sender, receiver } };
};

/** An RST with ACK that acknowledges 0 acknowledges nothing: some hosts send it so. */
const acknowledgedBy = ({ flags, acknowledgement }: Tcp, receiver: Peer): Sequence =>
  !flags.includes('A') || (acknowledgement === 0 && flags.includes('R')) ? receiver.sent : acknowledgement;

/** What a segment says of how far its sender came, and of how far the other one may go. */
const synchronised = ({ sender, receiver, window, senderScale }: Heard, end: Sequence, acknowledgement: Sequence): Peers => {
  const offered = window * 2 ** senderScale;
  const isForward = !before(plus(acknowledgement, offered), receiver.may);
  return {
    sender: { ...sender, window: Math.max(sender.window, window), sent: ((end - sender.sent) | 0) > 0 ? end : sender.sent },
    receiver: isForward ? { ...receiver, may: plus(acknowledgement, Math.max(offered, 1)) } : receiver,
  };
};

const withStates = (peers: Peers, tcp: Tcp): Peers => {
  const { sender, receiver } = withFin(peers, tcp);
  const answered = tcp.flags.includes('A') ? ACKNOWLEDGED[receiver.state] : undefined;
  return withRst({ sender, receiver: answered ? { ...receiver, state: answered } : receiver }, tcp);
};

const withEnds = (peers: Peers, tcp: Tcp): Peers => withRst(withFin(peers, tcp), tcp);

const withFin = ({ sender, receiver }: Peers, { flags }: Tcp): Peers =>
  flags.includes('F') && !isAtLeast(sender, 'CLOSING') ? { sender: { ...sender, state: 'CLOSING' }, receiver } : { sender, receiver };

const withRst = ({ sender, receiver }: Peers, { flags }: Tcp): Peers =>
  flags.includes('R') ? { sender: { ...sender, state: 'TIME_WAIT' }, receiver: { ...receiver, state: 'TIME_WAIT' } } : { sender, receiver };

/** What the other side is once something that it sent is acknowledged. */
const ACKNOWLEDGED: Readonly<Partial<Record<PeerState, PeerState>>> = { SYN_SENT: 'ESTABLISHED', CLOSING: 'FIN_WAIT_2' };

const timeOf = ({ sender, receiver }: Peers): number => {
  const both = (least: PeerState): boolean => isAtLeast(sender, least) && isAtLeast(receiver, least);
  if (both('FIN_WAIT_2')) return OVER_MS;
  if (both('CLOSING')) return BOTH_CLOSING_MS;
  if (!both('ESTABLISHED')) return OPENING_MS;
  return isAtLeast(sender, 'CLOSING') || isAtLeast(receiver, 'CLOSING') ? CLOSING_MS : ESTABLISHED_MS;
};

/** The sequence number behind a segment; SYN and FIN take one. */
const endOf = ({ sequence, flags, payload }: Tcp): Sequence => plus(sequence, lengthOf(payload) + (flags.includes('S') ? 1 : 0) + (flags.includes('F') ? 1 : 0));

/** A window as many bits smaller, rounded up. */
const shrunk = (window: number, scale: number): number => Math.ceil(window / 2 ** scale);

const [END_OF_OPTIONS, NO_OPERATION, WINDOW_SCALE] = [0, 1, 3];

/** The scale that options offer, of which none is read that has less than three bytes before the end. */
const scaleIn = (options: Bytes): number | undefined => {
  let scale: number | undefined;
  for (let at = 0; lengthOf(options) - at >= 3; ) {
    const kind = numberAt(options, at, 1);
    if (kind === END_OF_OPTIONS) break;
    if (kind === WINDOW_SCALE) scale = Math.min(numberAt(options, at + 2, 1), MOST_SCALE);
    at += kind === NO_OPERATION ? 1 : Math.max(numberAt(options, at + 1, 1), 2);
  }
  return scale;
};
