/**
 * Expectations: connections that another one announces.
 *
 * FTP opens a connection for each file, and says in its control connection where. A *helper* reads that: it makes the
 * control connection *expect* the other one, which then is related to it instead of new. What is expected stands with the
 * connection that expects it, its *master*, and ends with that.
 *
 * A helper sees what tracking is sure of: it reads as the packet leaves, and only what is established. It knows a line by
 * where the one before it ended.
 *
 * Source: nf_conntrack_ftp.c help(), nf_conntrack_expect.c, init_conntrack(), nf_confirm().
 */
import { match } from 'ts-pattern';
import type { Connection } from './connection.ts';
import { eraOf, knows } from './era.ts';
import { asTracked } from './extensions.ts';
import { readAnnouncement } from './ftp.ts';
import type { Moment } from './protocol.ts';
import { withoutRealm } from './realm.ts';
import type { Rules } from './rule.ts';
import { after, before, plus, type Sequence } from './tcp/sequence.ts';
import type { Tracked } from './trace/outcome.ts';
import { type Ip, lengthOf } from './trace/packet.ts';
import type { Helper } from './trace/network.ts';
import { TCP, type Tcp } from './trace/transport.ts';
import type { Tuple } from './tuple.ts';
import { DEFAULT_ZONE, type Direction, type ZoneId } from './zone.ts';

export const expectationRules = {
  'expectation.helper': {
    sentence: 'A TCP connection to the port that the device of its first packet names is helped by FTP, for as long as it lives.',
    source: 'nft_ct_helper_obj_eval(); before Linux 6.0 without a rule, port 21 on all devices: nf_conntrack_helper',
  },
  'expectation.no-reply-yet': {
    sentence: 'A helper reads nothing until a reply was seen.',
    source: 'nf_conntrack_ftp.c help(), "Until there\'s been traffic both ways"',
  },
  'expectation.no-data': {
    sentence: 'A segment without data says nothing.',
    source: 'nf_conntrack_ftp.c help(), "No data?"',
  },
  'expectation.no-line': {
    sentence: 'Data that does not begin where a line is known to have ended is not read; but if it ends a line, the next one is known.',
    source: 'find_nl_seq(), update_nl_seq()',
  },
  'expectation.nothing-said': {
    sentence: 'PORT and EPRT of the client announce something, 227 and 229 of the server, and no other line.',
    source: 'nf_conntrack_ftp.c, search[]',
  },
  'expectation.half-said': {
    sentence: 'A segment that begins like one of these and does not go on like one is dropped, and where it ends not remembered.',
    source: 'find_pattern(), "partial matching"',
  },
  'expectation.elsewhere': {
    sentence: 'Whoever announces another address than its own is not believed.',
    source: 'nf_conntrack_ftp.c, loose=0',
  },
  'expectation.made': {
    sentence: 'Otherwise the connection expects another one for 300 seconds: TCP from any port of the other host to the port that was announced.',
    source: 'nf_ct_expect_init(), nf_ct_expect_insert(); ftp_exp_policy',
  },
  'expectation.replaced': {
    sentence: 'It expects one at a time: the last that was announced, counted from then on, even if that is the same again.',
    source: '__nf_ct_expect_check(), evict_oldest_expect(); ftp_exp_policy, max_expected',
  },
  'expectation.taken': {
    sentence: 'What another connection of the same id expects cannot be expected again: the segment is dropped, and where it ends remembered.',
    source: '__nf_ct_expect_check(), expect_clash(), EBUSY; nf_ct_zone_equal_any() since Linux 4.3',
    eras: ['linux-4.3', 'linux-6.8'],
  },
  'expectation.taken-anywhere': {
    sentence: 'What another connection expects, of whatever zone, cannot be expected again: the segment is dropped, and where it ends remembered.',
    source: 'expect_clash(), which did not look at zones before Linux 4.3',
    eras: ['rfc-2010', 'linux-2010'],
  },
  'expectation.met': {
    sentence: "A packet that makes a connection which one of the same id expects, whatever the directions in which they count, makes a related one. Nothing is expected any more then, whatever becomes of the packet.",
    source: 'init_conntrack(), nf_ct_find_expectation(), nf_ct_zone_equal_any()',
  },
  'expectation.met-in-vain': {
    sentence: 'So does TCP that is invalid by itself, if it would make the connection: nothing is expected any more, and nothing is made.',
    source: 'init_conntrack(), which comes before tcp_error()',
  },
  'expectation.expired': {
    sentence: 'At the very millisecond at which its time has come nothing is expected any more.',
    source: 'nf_ct_expectation_timed_out()',
  },
} as const satisfies Rules;

type ExpectationRule = keyof typeof expectationRules;

/** What a helper remembers of a connection. */
export type Help = {
  /** Where lines begin in each direction: two at most, as they were put there. */
  readonly lines: Readonly<Record<Direction, readonly Sequence[]>>;
  readonly expects?: Expectation;
};

/** From any port of one host to a port of the other. */
export type Expectation = Pick<Tuple, 'source' | 'destination' | 'destinationPort'> & {
  /** From this moment on it is gone. */
  readonly expiresMs: number;
};

export const EXPECTED_MS = 300_000;

/** The help that a connection begins with, if there is any for it. */
export const helpFor = ({ protocol, destinationPort }: Tuple, helper: Helper | undefined): Help | undefined =>
  protocol === TCP && helper?.port === destinationPort ? { lines: { original: [], reply: [] } } : undefined;

const idOf = ({ zone }: Connection): ZoneId => zone?.id ?? DEFAULT_ZONE;

/** Who expects a new connection, if anybody does. */
export const masterOf = (connections: readonly Connection[], made: Connection): Connection | undefined =>
  connections.find((master) => made.original.protocol === TCP && idOf(master) === idOf(made) && master.help?.expects && isSame(master.help.expects, made.original));

const isSame = (one: Omit<Expectation, 'expiresMs'>, other: Omit<Expectation, 'expiresMs'>): boolean =>
  one.source === other.source && one.destination === other.destination && one.destinationPort === other.destinationPort;

/** It expects nothing any more. */
export const expectingNothing = (connection: Connection): Connection =>
  connection.help?.expects ? { ...connection, help: { lines: connection.help.lines } } : connection;

/** Time has come to `nowMs`. */
export const stillExpecting = (connections: readonly Connection[], nowMs: number): readonly Connection[] =>
  connections.some((connection) => isOver(connection, nowMs)) ? connections.map((connection) => (isOver(connection, nowMs) ? expectingNothing(connection) : connection)) : connections;

const isOver = ({ help }: Connection, nowMs: number): boolean => help?.expects !== undefined && help.expects.expiresMs <= nowMs;

/** What the helper of a connection makes of a segment that leaves. */
export type Reading = {
  readonly rules: readonly ExpectationRule[];
  /** As it is now. */
  readonly connection: Connection;
  readonly dropped?: true;
  /** Something is announced behind a translation, which would have to be rewritten. */
  readonly rewrites?: true;
};

/** Whether a helper reads a packet that was tracked so: one of an established connection. An error never is. */
export const isHeard = (connection: Connection | undefined, { state }: Tracked): boolean => connection?.help !== undefined && state === 'established';

/** What the helper of its connection makes of a packet that leaves, if it has one. */
export const readAlong = (connections: readonly Connection[], connection: Connection | undefined, tracked: Tracked, packet: Ip, moment: Moment): Reading | undefined => {
  const segment = asTracked(packet)?.payload;
  if (!connection?.help || !('direction' in tracked) || segment?.kind !== 'tcp') return undefined;
  if (!isHeard(connection, tracked)) return { rules: ['expectation.no-reply-yet'], connection };
  return read(connections, connection, connection.help, tracked.direction, segment, moment);
};

const read = (connections: readonly Connection[], connection: Connection, help: Help, direction: Direction, segment: Tcp, moment: Moment): Reading => {
  const bytes = lengthOf(segment.payload);
  if (bytes === 0) return { rules: ['expectation.no-data'], connection };
  const { lines } = help;
  const endsLine = segment.payload.endsWith(NEWLINE);
  const ended = endsLine ? { ...lines, [direction]: withLine(lines[direction], plus(segment.sequence, bytes)) } : lines;
  const remembered: Help = { ...help, lines: ended };
  const remembering: Connection = { ...connection, help: remembered };
  if (!lines[direction].includes(segment.sequence)) return { rules: ['expectation.no-line'], connection: remembering };

  const { source, destination } = connection[direction];
  return match(readAnnouncement(segment.payload, direction, withoutRealm(source)))
    .returnType<Reading>()
    .with({ kind: 'nothing' }, () => ({ rules: ['expectation.nothing-said'], connection: remembering }))
    .with({ kind: 'partial' }, () => ({ rules: ['expectation.half-said'], connection, dropped: true }))
    .with({ kind: 'elsewhere' }, () => ({ rules: ['expectation.elsewhere'], connection: remembering }))
    .with({ kind: 'here' }, ({ port }) => {
      if (connection.bound?.source || connection.bound?.destination) return { rules: [], connection, rewrites: true };
      return expect(connections, connection, remembered, { source: destination, destination: source, destinationPort: port, expiresMs: moment.nowMs + EXPECTED_MS }, moment);
    })
    .exhaustive();
};

const NEWLINE = '0a';

const MOST_LINES = 2;

/** The later one takes the place of the older one, if it is later than that. */
const withLine = (lines: readonly Sequence[], line: Sequence): readonly Sequence[] => {
  const [one, other] = lines;
  if (lines.includes(line)) return lines;
  if (lines.length < MOST_LINES || one === undefined || other === undefined) return [...lines, line];
  const oldest = before(one, other) ? 0 : 1;
  return after(line, lines[oldest] ?? line) ? lines.with(oldest, line) : lines;
};

const expect = (connections: readonly Connection[], master: Connection, help: Help, expects: Expectation, { network }: Moment): Reading => {
  const knowsZones = knows(eraOf(network), 'linux-4.3');
  const inTheWay = connections.some(
    (other) => other.label !== master.label && other.help?.expects && isSame(other.help.expects, expects) && (!knowsZones || idOf(other) === idOf(master)),
  );
  if (inTheWay) return { rules: [knowsZones ? 'expectation.taken' : 'expectation.taken-anywhere'], connection: { ...master, help }, dropped: true };
  return {
    rules: ['expectation.made', ...(help.expects ? (['expectation.replaced'] as const) : [])],
    connection: { ...master, help: { ...help, expects } },
  };
};
