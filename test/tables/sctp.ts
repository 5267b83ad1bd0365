/**
 * The state table of SCTP, cell by cell (each measured on Linux), and the rules about chunks and tags.
 *
 * A state cannot be seen, but its timeout can, so each state gets one of its own: a cell's packet is followed by a
 * heartbeat one second before the expected timeout, which belongs to the association still, or just at it, which begins
 * another. A heartbeat with another tag passes without effect, so it is a good probe.
 */
import { DEFAULT_TIMEOUTS } from '../../spec/timeouts.ts';
import type { Timeouts } from '../../spec/trace/network.ts';
import type { Bytes, Ipv4 } from '../../spec/trace/packet.ts';
import { SCTP } from '../../spec/trace/transport.ts';
import { BACK, carrying, chunk, COOKIE, from, initiating, scenario, sctp, tenantsInZones, wait, type Word } from '../../properties/words.ts';
import { overIpv6 } from './over-ipv6.ts';
import type { ProtocolRow } from './protocols.ts';

const [DATA, INIT, INIT_ACK, SACK, HEARTBEAT, HEARTBEAT_ACK, ABORT, SHUTDOWN, SHUTDOWN_ACK, ERROR] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const [COOKIE_ECHO, COOKIE_ACK, SHUTDOWN_COMPLETE, UNKNOWN] = [10, 11, 14, 132];

/** The tags that client and server ask for, and one that nobody did. */
const [CLIENT, SERVER, NOBODY] = [0xa0000001, 0xb0000002, 0xc0000003];
const REPLY_PORTS = { sourcePort: 2000, destinationPort: 1000 };

const there = (tag: number, ...chunks: readonly Bytes[]): readonly Word[] => from('t1a', sctp(tag, chunks));
const back = (tag: number, ...chunks: readonly Bytes[]): readonly Word[] => from('t1b', sctp(tag, chunks, REPLY_PORTS, BACK));

const bodyOf = (type: number, own: number): Bytes => {
  if (type === INIT) return initiating(own);
  if (type === INIT_ACK) return initiating(own) + COOKIE;
  return type === DATA || type === SACK ? '00'.repeat(12) : '';
};
const sent = (type: number): Bytes => chunk(type, bodyOf(type, CLIENT));
const answered = (type: number): Bytes => chunk(type, bodyOf(type, SERVER));

const opening = there(0, sent(INIT));
const acknowledged = [...opening, ...back(CLIENT, answered(INIT_ACK))];
const echoed = [...acknowledged, ...there(SERVER, sent(COOKIE_ECHO))];
const established = [...echoed, ...back(CLIENT, answered(COOKIE_ACK))];
const shutting = [...established, ...there(SERVER, sent(SHUTDOWN))];

/** How each state 1..8 is reached. */
const WAYS: readonly (readonly Word[])[] = [
  [],
  opening,
  acknowledged,
  echoed,
  established,
  shutting,
  [...established, ...back(CLIENT, answered(SHUTDOWN))],
  [...shutting, ...back(CLIENT, answered(SHUTDOWN_ACK))],
  there(SERVER, sent(HEARTBEAT)),
];

/** Seconds of states 1..8, all different. */
const SECONDS = [0, 10, 20, 30, 40, 50, 60, 70, 80];
const timeouts: Timeouts = {
  ...DEFAULT_TIMEOUTS,
  sctpClosedMs: 10_000,
  sctpCookieWaitMs: 20_000,
  sctpCookieEchoedMs: 30_000,
  sctpEstablishedMs: 40_000,
  sctpShutdownSentMs: 50_000,
  sctpShutdownReceivedMs: 60_000,
  sctpShutdownAckSentMs: 70_000,
  sctpHeartbeatSentMs: 80_000,
};

/** For states 1..8 in their order the next one, x where the chunk is invalid. */
const CELLS: readonly (readonly [chunk: number, original: string, reply: string])[] = [
  [INIT, '12341172', '1234567x'],
  [INIT_ACK, '12345671', '2234567x'],
  [ABORT, '11111111', '1111111x'],
  [SHUTDOWN, '12355671', '1236567x'],
  [SHUTDOWN_ACK, '12347777', '1234777x'],
  [ERROR, '12345671', '1214567x'],
  [COOKIE_ECHO, '13345671', '1334567x'],
  [COOKIE_ACK, '12445671', '1244567x'],
  [SHUTDOWN_COMPLETE, '12345611', '1234561x'],
  [HEARTBEAT, '12345678', '12345678'],
  [HEARTBEAT_ACK, '12345678', '12345674'],
  [DATA, '12345678', '12345678'],
  [SACK, '12345678', '12345678'],
  [UNKNOWN, '12345678', '12345678'],
];

const cell = (type: number, direction: 'original' | 'reply', state: number, to: string): readonly ProtocolRow[] => {
  // Until the server's INIT ACK no tag of the original direction is known; after a lone heartbeat none of the reply.
  const tag = direction === 'original' ? (state === 1 ? 0 : SERVER) : state === 8 ? 0 : CLIENT;
  const packet = direction === 'original' ? there(type === INIT ? 0 : tag, sent(type)) : back(type === INIT ? 0 : tag, answered(type));
  const events = [...(WAYS[state] ?? []), ...packet];
  const seconds = SECONDS[Number.parseInt(to, 10)] ?? 0;
  const isReplied = state !== 1 && state !== 8;
  const seen = direction === 'reply' ? 'reply 1' : isReplied ? 'established 1' : 'new 1';
  const name = `SCTP, ${direction} chunk ${type} in state ${state}: ${to}`;
  if (to === 'x') return [cellRow(name, events, 'invalid')];
  const probe = there(NOBODY, sent(HEARTBEAT));
  const after = direction === 'reply' || isReplied ? 'established 1' : 'new 1';
  return [cellRow(`${name}, alive`, [...events, wait(seconds - 1), ...probe], seen, after), cellRow(`${name}, gone`, [...events, wait(seconds), ...probe], seen, 'new 2')];
};

const cellRow = (row: string, events: readonly Word[], ...last: readonly string[]): ProtocolRow => ({
  row,
  trace: scenario({ shows: row, network: { ...tenantsInZones(1), timeouts }, events }),
  expected: last,
  last: last.length,
});

const cells = CELLS.flatMap(([type, original, reply]) =>
  [1, 2, 3, 4, 5, 6, 7, 8].flatMap((state) => [
    ...cell(type, 'original', state, original[state - 1] ?? ''),
    ...cell(type, 'reply', state, reply[state - 1] ?? ''),
  ]),
);

const first = (name: string, packet: Ipv4, expected: string): ProtocolRow => cellRow(`SCTP, first packet: ${name}`, from('t1a', packet), expected);
const after = (name: string, way: readonly Word[], ...packets: readonly (readonly [readonly Word[], string])[]): ProtocolRow =>
  cellRow(`SCTP, ${name}`, [...way, ...packets.flatMap(([words]) => words)], ...packets.map(([, expected]) => expected));

const rows: readonly ProtocolRow[] = [
  // What may begin an association: the state table's first column, with a tag of 0 and another.
  ...[INIT, INIT_ACK, SHUTDOWN, ERROR, COOKIE_ECHO].map((type) => first(`chunk ${type}, tag 0`, sctp(0, [sent(type)]), 'new 1')),
  ...[INIT, INIT_ACK, SHUTDOWN, ERROR, COOKIE_ECHO].map((type) => first(`chunk ${type}, a tag`, sctp(NOBODY, [sent(type)]), 'invalid')),
  ...[HEARTBEAT, HEARTBEAT_ACK, SHUTDOWN_ACK].map((type) => first(`chunk ${type}, a tag`, sctp(NOBODY, [sent(type)]), 'new 1')),
  ...[DATA, SACK, ABORT, COOKIE_ACK, SHUTDOWN_COMPLETE, UNKNOWN].map((type) => first(`chunk ${type}`, sctp(0, [sent(type)]), 'invalid')),
  // Malformed.
  ...['', '03e807d0', '03e807d00000000000000000'.slice(0, 22)].map((bytes) =>
    first(`${bytes.length / 2} bytes`, { ...carrying(SCTP, ''), payload: { kind: 'opaque', bytes, why: 'short' } }, 'invalid'),
  ),
  first('no chunk', sctp(0, []), 'invalid'),
  first('less than a chunk header', sctp(0, ['010000']), 'invalid'),
  first('a wrong checksum', sctp(0, [sent(INIT)], { checksum: { wrong: 1 } }), 'invalid'),
  first('a chunk of length 0', sctp(0, ['04000000']), 'invalid'),
  first('a chunk of length 3', sctp(0, ['04000003']), 'new 1'),
  first('a chunk longer than the packet', sctp(0, ['0400ffff']), 'new 1'),
  first('an INIT without its last byte', sctp(0, [sent(INIT).slice(0, -2)]), 'invalid'),
  first('an INIT that says it is short', sctp(0, [`01000004${initiating(CLIENT)}`]), 'invalid'),
  first('INIT and another', sctp(0, [sent(INIT), sent(HEARTBEAT)]), 'invalid'),
  first('another and INIT', sctp(0, [sent(HEARTBEAT), sent(INIT)]), 'invalid'),
  first('another and COOKIE ECHO', sctp(0, [sent(HEARTBEAT), sent(COOKIE_ECHO)]), 'invalid'),
  first('COOKIE ECHO and another', sctp(0, [sent(COOKIE_ECHO), sent(HEARTBEAT)]), 'new 1'),
  first('HEARTBEAT and DATA', sctp(0, [sent(HEARTBEAT), sent(DATA)]), 'invalid'),
  // Tags.
  after('tags of the other direction', established, [there(CLIENT, sent(DATA)), 'invalid'], [back(SERVER, sent(DATA)), 'invalid'], [there(SERVER, sent(DATA)), 'established 1']),
  after('an INIT with a tag', established, [there(SERVER, sent(INIT)), 'invalid'], [there(0, sent(INIT)), 'established 1']),
  after('ABORT without the T bit', established, [there(CLIENT, sent(ABORT)), 'invalid'], [there(SERVER, sent(ABORT)), 'established 1']),
  after('ABORT with the T bit', established, [there(SERVER, chunk(ABORT, '', 1)), 'invalid'], [there(CLIENT, chunk(ABORT, '', 1)), 'established 1']),
  after('SHUTDOWN COMPLETE with the T bit', established, [there(SERVER, chunk(SHUTDOWN_COMPLETE, '', 1)), 'invalid'], [there(CLIENT, chunk(SHUTDOWN_COMPLETE, '', 1)), 'established 1']),
  after('SHUTDOWN ACK with any tag', established, [there(NOBODY, sent(SHUTDOWN_ACK)), 'established 1']),
  after('a strange heartbeat beside DATA', established, [there(NOBODY, sent(HEARTBEAT), sent(DATA)), 'invalid']),
  after('two strange heartbeats in one packet', established, [there(NOBODY, sent(HEARTBEAT), sent(HEARTBEAT)), 'invalid']),
  after(
    'a strange heartbeat, explained',
    established,
    [there(NOBODY, sent(HEARTBEAT)), 'established 1'],
    [back(NOBODY, sent(HEARTBEAT_ACK)), 'reply 1'],
    [back(NOBODY, sent(DATA)), 'reply 1'],
    [there(SERVER, sent(DATA)), 'invalid'],
    [there(0, sent(DATA)), 'established 1'],
  ),
  after('a strange acknowledgement', established, [back(NOBODY, sent(HEARTBEAT_ACK)), 'invalid']),
  cellRow('SCTP, an INIT again gives no time', [...opening, wait(5), ...there(0, sent(INIT)), wait(5), ...there(NOBODY, sent(HEARTBEAT))], 'new 1', 'new 2'),
  // Handshakes that collide.
  after('an INIT ACK with another tag', established, [back(CLIENT, sent(INIT_ACK)), 'invalid'], [back(CLIENT, answered(INIT_ACK)), 'reply 1']),
  after('an INIT ACK with another tag while the INIT waits', acknowledged, [back(CLIENT, sent(INIT_ACK)), 'reply 1']),
  after('and once both sides sent an INIT', acknowledged, [back(0, chunk(INIT, initiating(NOBODY))), 'reply 1'], [back(CLIENT, sent(INIT_ACK)), 'invalid']),
  after('but an INIT with the known tag is none', acknowledged, [back(0, answered(INIT)), 'reply 1'], [back(CLIENT, sent(INIT_ACK)), 'reply 1']),
];

export const sctpRows: readonly ProtocolRow[] = [...cells, ...rows, ...cells.map(overIpv6), ...rows.map(overIpv6)];
