/**
 * The tables of TCP (every row measured on Linux): the state table, flags, beginnings, resets, windows and timers.
 *
 * A state is seen by its timer, which is another one for each state; and whether a connection lives is seen by an ICMP
 * error about it, which is related as long as it does and changes nothing.
 */
import type { Event } from '../../spec/trace/event.ts';
import type { Network, TcpSettings, Timeouts } from '../../spec/trace/network.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import { ipv4 } from '../../spec/trace/packet.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { type Tcp, TCP_FLAGS } from '../../spec/trace/transport.ts';
import { tenantsInZones } from '../../properties/words.ts';

/** Who sends (c, the client, or s, the server), flags, sequence and acknowledgement number, and what else is special. */
export type Line = readonly [from: 'c' | 's', flags: string, sequence: number, acknowledgement?: number, fields?: Partial<Tcp>];

const CLIENT = '10.0.0.1';
const SERVER = '10.0.0.2';

/** Each conversation has a client port of its own, from 1000 on. */
const arrival = (id: number, conversation: number, [from, flags, sequence, acknowledgement = 0, fields = {}]: Line): Event => {
  const outward = from === 'c';
  const ports = outward ? { sourcePort: 1000 + conversation, destinationPort: 80 } : { sourcePort: 80, destinationPort: 1000 + conversation };
  return {
    kind: 'receive',
    id,
    device: outward ? 't1a' : 't1b',
    packet: ipv4({
      source: outward ? CLIENT : SERVER,
      destination: outward ? SERVER : CLIENT,
      payload: {
        kind: 'tcp',
        ...ports,
        sequence,
        acknowledgement,
        reserved: 0,
        flags,
        window: 1000,
        checksum: 'right',
        urgent: 0,
        options: '',
        payload: '',
        ...fields,
      },
    }),
  };
};

const network = (tcp: Partial<TcpSettings>, timeouts: Partial<Timeouts> = {}): Network => {
  const plain = tenantsInZones(1);
  return { ...plain, tcp: { ...plain.tcp, ...tcp }, timeouts: { ...plain.timeouts, ...timeouts } };
};

/** Takes events and numbers them. */
const recorder = () => {
  const events: Event[] = [];
  const next = (): number => events.length + 1;
  return {
    events,
    say: (conversation: number, line: Line): number => events.push(arrival(next(), conversation, line)),
    wait: (seconds: number): number => events.push({ kind: 'advance', id: next(), milliseconds: seconds * 1000 }),
    /** Host unreachable, about what left at an event. */
    error: (to: number): number => events.push({ kind: 'error', id: next(), to, type: 3, code: 1 }),
  };
};

const OPEN: readonly Line[] = [['c', 'S', 1000], ['s', 'SA', 5000, 1001]];
const ESTABLISH: readonly Line[] = [...OPEN, ['c', 'A', 1001, 5001]];
const CLOSE: readonly Line[] = [['c', 'FA', 1001, 5001], ['s', 'A', 5001, 1002], ['s', 'FA', 5001, 1002], ['c', 'A', 1002, 5002]];

/** How each state is reached, in the order of the cells. */
const STATES: readonly (readonly [code: string, way: readonly Line[]])[] = [
  ['SS', OPEN.slice(0, 1)],
  ['SR', OPEN],
  ['ES', ESTABLISH],
  ['FW', [...ESTABLISH, ...CLOSE.slice(0, 1)]],
  ['CW', [...ESTABLISH, ...CLOSE.slice(0, 2)]],
  ['LA', [...ESTABLISH, ...CLOSE.slice(0, 3)]],
  ['TW', [...ESTABLISH, ...CLOSE]],
  ['CL', [...ESTABLISH, ['s', 'R', 5001]]],
  // The first SYN of the server leaves the timer of SYN_SENT.
  ['S2', [['c', 'S', 1000], ['s', 'S', 5000], ['s', 'S', 5000]]],
];

/** Seconds, another number for each state. */
const TIMER: Readonly<Record<string, number>> = { SS: 21, SR: 22, ES: 23, FW: 24, CW: 25, LA: 26, TW: 27, CL: 28, S2: 29 };
const SLOW = 1_000_000;
const DISTINCT: Partial<Timeouts> = {
  tcpSynSentMs: 21_000,
  tcpSynRecvMs: 22_000,
  tcpEstablishedMs: 23_000,
  tcpFinWaitMs: 24_000,
  tcpCloseWaitMs: 25_000,
  tcpLastAckMs: 26_000,
  tcpTimeWaitMs: 27_000,
  tcpCloseMs: 28_000,
  tcpSynSent2Ms: 29_000,
  tcpMaxRetransMs: SLOW,
  tcpUnacknowledgedMs: SLOW,
};
/** So long after a state was reached the segment comes. */
const PAUSE = 10;

export type StateRow = { readonly row: string; readonly segment: Line; readonly cells: string };

/**
 * A cell is the state that the segment gives its connection; `--` if the segment is invalid and `..` if it passes, and
 * neither starts the timer again; `+` before the state of a new connection; `xx` if the connection is gone.
 */
export const stateRows: readonly StateRow[] = [
  { row: 'SYN of the client', segment: ['c', 'S', 1000], cells: '.. .. .. .. .. .. +SS .. S2' },
  { row: 'SYN and ACK of the client', segment: ['c', 'SA', 1000, 5001], cells: '-- SR -- -- -- -- -- -- SR' },
  { row: 'FIN of the client', segment: ['c', 'FA', 1001, 5001], cells: '-- FW FW LA LA LA TW CL --' },
  { row: 'ACK of the client', segment: ['c', 'A', 1001, 5001], cells: '-- ES ES CW CW TW TW CL --' },
  { row: 'RST of the client', segment: ['c', 'R', 1001], cells: 'xx CL CL CL CL CL CL CL CL' },
  { row: 'SYN of the server', segment: ['s', 'S', 5000], cells: '.. -- -- -- -- -- +SS -- S2' },
  { row: 'SYN and ACK of the server', segment: ['s', 'SA', 5000, 1001], cells: 'SR .. .. .. .. .. .. .. SR' },
  { row: 'FIN of the server', segment: ['s', 'FA', 5001, 1001], cells: '-- FW FW LA LA LA TW CL --' },
  { row: 'ACK of the server', segment: ['s', 'A', 5001, 1001], cells: '.. SR ES CW CW TW TW CL ..' },
  { row: 'RST of the server', segment: ['s', 'R', 5001], cells: 'xx CL CL CL CL CL CL CL CL' },
];

/** One conversation a state; then the segment in each; then every second a look at which connections live. */
export const stateTrace = ({ segment }: StateRow): { readonly trace: Trace; readonly probes: readonly number[] } => {
  const { events, say, wait, error } = recorder();
  for (const [conversation, [, way]] of STATES.entries()) for (const line of way) say(conversation, line);
  wait(PAUSE);
  const probes = STATES.map((_, conversation) => say(conversation, segment));
  for (let second = 0; second < 30; second += 1) {
    for (const probe of probes) error(probe);
    wait(1);
  }
  return { trace: { version: 1, network: network({ liberal: true }, DISTINCT), events }, probes };
};

/** The cells as they were seen. */
export const cellsOf = ({ trace, probes }: ReturnType<typeof stateTrace>, outcomes: readonly Outcome[]): string =>
  probes.map((probe, conversation) => cellOf(trace, probe, STATES[conversation]?.[0] ?? '', outcomes)).join(' ');

const cellOf = (trace: Trace, probe: number, before: string, outcomes: readonly Outcome[]): string => {
  const state = outcomes[probe - 1]?.passes[0]?.state;
  const lived = trace.events.filter((event, place) => event.kind === 'error' && event.to === probe && outcomes[place]?.passes[0]?.state === 'related').length;
  if (lived === 0) return 'xx';
  if (lived === (TIMER[before] ?? 0) - PAUSE) return state === 'invalid' ? '--' : '..';
  const after = Object.keys(TIMER).find((code) => TIMER[code] === lived) ?? `${lived} s`;
  return state === 'new' ? `+${after}` : after;
};

/** What a conversation comes to: what each segment is, and the number of its connection. */
export type TalkRow = { readonly row: string; readonly settings?: Partial<TcpSettings>; readonly lines: readonly (Line | number)[]; readonly says: string };

/** A number is seconds that pass. `n1` is new in connection 1, `e1` established, `-` invalid. */
export const talkRows: readonly TalkRow[] = [
  ...['S', 'SU', 'A', 'AU', 'SP', 'SEC', 'PA', 'AEC'].map((flags): TalkRow => ({ row: `${flags} begins`, lines: [['c', ordered(flags), 1, 1]], says: 'n1' })),
  ...['SA', 'FA', 'FAU', 'R', 'RA', '', 'F', 'U', 'P', 'FS', 'SR', 'FR', 'FSRPAUEC', 'SAU', 'RU', 'RAU', 'FSA', 'FU'].map(
    (flags): TalkRow => ({ row: `${flags || 'no flag'} does not`, lines: [['c', ordered(flags), 1, 1]], says: '-' }),
  ),
  ...['FA', 'FAU', 'R', 'RA', 'AU', 'SU'].map((flags): TalkRow => ({ row: `${flags} goes on`, lines: [...ESTABLISH, ['c', flags, 1001, 5001]], says: 'n1 e1 e1 e1' })),
  ...['', 'F', 'FS', 'SR', 'SAU', 'RU', 'RAU', 'U'].map((flags): TalkRow => ({ row: `${flags || 'no flag'} never does`, lines: [...ESTABLISH, ['c', flags, 1001, 5001]], says: 'n1 e1 e1 -' })),
  { row: 'no pickup where the network is not loose', settings: { loose: false }, lines: [['c', 'A', 1, 1], ['c', 'S', 1]], says: '- n1' },
  { row: 'a wrong checksum', lines: [['c', 'S', 1, 0, { checksum: { wrong: 1 } }]], says: '-' },
  // Resets.
  { row: 'reset: exact', lines: [...ESTABLISH, ['s', 'R', 5001], 10, ['c', 'A', 1001, 5001]], says: 'n1 e1 e1 e1 n2' },
  { row: 'reset: from the past', lines: [...ESTABLISH, ['s', 'R', 5000], 10, ['c', 'A', 1001, 5001]], says: 'n1 e1 e1 - e1' },
  { row: 'reset: from the past, where that is ignored', settings: { ignoreInvalidRst: true }, lines: [...ESTABLISH, ['s', 'R', 5000], ['c', 'A', 1001, 5001]], says: 'n1 e1 e1 e1 e1' },
  { row: 'reset: ahead, answered by a challenge', lines: [...ESTABLISH, ['s', 'R', 5002], ['c', 'A', 1001, 5001], 11, ['s', 'A', 5001, 1001]], says: 'n1 e1 e1 e1 e1 e1' },
  { row: 'reset: behind an ACK of its own', lines: [...ESTABLISH, ['s', 'A', 5001, 1001, { payload: '00'.repeat(8) }], ['s', 'R', 5009], ['c', 'A', 1001, 5009], 11, ['c', 'A', 1001, 5009]], says: 'n1 e1 e1 e1 e1 e1 n2' },
  { row: 'reset: beyond the window', lines: [...ESTABLISH, ['s', 'R', 9000]], says: 'n1 e1 e1 -' },
  { row: 'reset: beyond the window, of what closes', lines: [...ESTABLISH, ['c', 'FA', 1001, 5001], ['s', 'R', 9000]], says: 'n1 e1 e1 e1 e1' },
  { row: 'reset: number 0 before it is established', lines: [...OPEN, ['c', 'R', 0]], says: 'n1 e1 e1' },
  { row: 'reset: answers an ignored SYN', lines: [...ESTABLISH, ['c', 'S', 90_000], ['s', 'RA', 0, 90_001], 10, ['c', 'A', 1, 1]], says: 'n1 e1 e1 e1 e1 n2' },
  { row: 'reset: does not answer its own SYN', lines: [...ESTABLISH, ['c', 'S', 90_000], ['c', 'RA', 95_000, 90_001]], says: 'n1 e1 e1 e1 -' },
  { row: 'reset: answers a challenge to a SYN', lines: [['c', 'S', 1000], ['s', 'A', 70_000, 50_000], ['c', 'R', 50_000], ['c', 'S', 1000]], says: 'n1 e1 e1 n2' },
  { row: 'reset: behind an ignored ACK that it does not answer', lines: [['c', 'S', 1000], ['s', 'A', 70_000, 50_000], ['c', 'R', 50_001]], says: 'n1 e1 -' },
  { row: 'reset: picked up and not assured, it closes wherever it is', lines: [['c', 'A', 1001, 5001], ['s', 'A', 5001, 1001], ['c', 'RA', 0, 0], ['c', 'S', 1]], says: 'n1 e1 e1 n2' },
  // Windows.
  { row: 'window: at its end', lines: [...ESTABLISH, ['c', 'A', 2001, 5001]], says: 'n1 e1 e1 e1' },
  { row: 'window: beyond, by a window', lines: [...ESTABLISH, ['c', 'A', 3000, 5001]], says: 'n1 e1 e1 e1' },
  { row: 'window: beyond, by more', lines: [...ESTABLISH, ['c', 'A', 3001, 5001]], says: 'n1 e1 e1 -' },
  { row: 'window: acknowledges what was not sent', lines: [...ESTABLISH, ['c', 'A', 1001, 5002]], says: 'n1 e1 e1 -' },
  { row: 'window: and where the network is liberal', settings: { liberal: true }, lines: [...ESTABLISH, ['c', 'A', 1001, 5002]], says: 'n1 e1 e1 e1' },
  { row: 'window: scaled where both offer it', lines: [['c', 'S', 1000, 0, { options: '01030302' }], ['s', 'SA', 5000, 1001, { options: '01030302' }], ['c', 'A', 1001, 5001], ['s', 'A', 9001, 1001], ['s', 'A', 13_002, 1001]], says: 'n1 e1 e1 e1 -' },
  { row: 'window: not scaled where one does not', lines: [['c', 'S', 1000, 0, { options: '01030302' }], ['s', 'SA', 5000, 1001], ['c', 'A', 1001, 5001], ['s', 'A', 9001, 1001]], says: 'n1 e1 e1 -' },
  { row: 'window: a selective acknowledgement of what was not sent', lines: [['c', 'S', 1000, 0, { options: '04020101' }], ['s', 'SA', 5000, 1001, { options: '04020101' }], ['c', 'A', 1001, 5001, { options: '0101050a0000138900001390' }]], says: 'n1 e1 -' },
  { row: 'window: the same where it was not permitted', lines: [...OPEN, ['c', 'A', 1001, 5001, { options: '0101050a0000138900001390' }]], says: 'n1 e1 e1' },
  { row: 'window: numbers go round', lines: [['c', 'S', 4_294_967_290], ['s', 'SA', 4_294_967_295, 4_294_967_291], ['c', 'A', 4_294_967_291, 0, { payload: '00'.repeat(8) }], ['s', 'A', 0, 3], ['c', 'A', 1004, 0]], says: 'n1 e1 e1 e1 e1' },
  { row: 'a keep-alive and its answer', lines: [['c', 'A', 1000, 5001], ['s', 'A', 5001, 1001]], says: 'n1 e1' },
  // What is special.
  { row: 'simultaneous: both answer', lines: [['c', 'S', 1000], ['s', 'S', 5000], ['c', 'SA', 1000, 5001], ['s', 'SA', 5000, 1001], ['c', 'A', 1001, 5001]], says: 'n1 e1 e1 e1 e1' },
  { row: 'no SYN and ACK of the client otherwise', lines: [['c', 'S', 1000], ['c', 'SA', 1000, 5001]], says: 'n1 -' },
  { row: 'a SYN again with a higher number', lines: [['c', 'S', 1000], ['c', 'S', 9000], ['s', 'SA', 5000, 9001], ['c', 'A', 9001, 5001]], says: 'n1 n1 e1 e1' },
  { row: 'a half-open connection', lines: [...ESTABLISH, ['c', 'S', 90_000], ['s', 'SA', 70_000, 90_001], ['c', 'A', 90_001, 70_001], 60, ['s', 'A', 70_001, 90_001]], says: 'n1 e1 e1 e1 e1 e1 e1' },
  { row: 'the same, but the SYN and ACK acknowledges another one', lines: [...ESTABLISH, ['c', 'S', 90_000], ['s', 'SA', 70_000, 90_002], ['c', 'A', 90_001, 70_001]], says: 'n1 e1 e1 e1 e1 -' },
  { row: 'closed and opened again by the other side', lines: [...ESTABLISH, ...CLOSE, ['s', 'S', 90_000], ['c', 'SA', 70_000, 90_001], ['s', 'A', 90_001, 70_001]], says: 'n1 e1 e1 e1 e1 e1 e1 n2 e2 e2' },
  { row: 'reset and opened again by the side that did not', lines: [...ESTABLISH, ['s', 'R', 5001], ['c', 'S', 90_000]], says: 'n1 e1 e1 e1 e1' },
  { row: 'reset and opened again by the side that did', lines: [...ESTABLISH, ['c', 'R', 1001], ['c', 'S', 90_000]], says: 'n1 e1 e1 e1 n2' },
];

function ordered(flags: string): string {
  return TCP_FLAGS.filter((flag) => flags.includes(flag)).join('');
}

export const talkTrace = ({ settings = {}, lines }: TalkRow): Trace => {
  const { events, say, wait } = recorder();
  for (const line of lines) if (typeof line === 'number') wait(line);
  else say(0, line);
  return { version: 1, network: network(settings), events };
};

export const talkOf = (outcomes: readonly Outcome[]): string =>
  outcomes.flatMap(({ passes: [pass] }) => (pass ? ['connection' in pass ? `${pass.state[0]}${pass.connection}` : '-'] : [])).join(' ');

/** The timers as Linux ships them: a connection lives so many seconds after the last line, and no more. */
export type TimerRow = { readonly row: string; readonly lines: readonly Line[]; readonly seconds: number };

const DATA: Partial<Tcp> = { payload: '00'.repeat(8) };

export const timerRows: readonly TimerRow[] = [
  ...([120, 60, 432_000, 120, 60, 30, 120, 10, 120] as const).map((seconds, place): TimerRow => ({ row: STATES[place]?.[0] ?? '', lines: STATES[place]?.[1] ?? [], seconds })),
  { row: 'data that is not acknowledged', lines: [...ESTABLISH, ['c', 'A', 1001, 5001, DATA]], seconds: 300 },
  { row: 'data that is acknowledged in part', lines: [...ESTABLISH, ['c', 'A', 1001, 5001, DATA], ['s', 'A', 5001, 1005]], seconds: 300 },
  { row: 'data that is acknowledged', lines: [...ESTABLISH, ['c', 'A', 1001, 5001, DATA], ['s', 'A', 5001, 1009]], seconds: 432_000 },
  { row: 'an ACK three times', lines: [...ESTABLISH, ['c', 'A', 1001, 5001], ['c', 'A', 1001, 5001]], seconds: 432_000 },
  { row: 'an ACK four times', lines: [...ESTABLISH, ...Array.from({ length: 3 }, (): Line => ['c', 'A', 1001, 5001])], seconds: 300 },
  { row: 'a closed window', lines: [...ESTABLISH, ['s', 'A', 5001, 1001, { window: 0 }]], seconds: 300 },
  { row: 'picked up without a reply', lines: [['c', 'A', 1001, 5001]], seconds: 300 },
  { row: 'a reset that is ahead', lines: [...ESTABLISH, ['s', 'R', 5002]], seconds: 10 },
];

export const timerTrace = ({ lines, seconds }: TimerRow): Trace => {
  const { events, say, wait, error } = recorder();
  const said = lines.map((line) => say(0, line));
  wait(seconds - 1);
  error(said.at(-1) ?? 0);
  wait(1);
  error(said.at(-1) ?? 0);
  return { version: 1, network: network({}), events };
};

/** Related, and then no more. */
export const LIVES_SO_LONG = ['related', 'invalid'];

export const timerOf = (outcomes: readonly Outcome[]): readonly (string | undefined)[] => [-3, -1].map((place) => outcomes.at(place)?.passes[0]?.state);
