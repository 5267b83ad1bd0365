/**
 * The table of control (every row measured on Linux): what ctnetlink says to commands about connections of each protocol
 * over each version of IP, and what packets then find.
 */
import { asks, BACK, chunk, from, icmp, icmp6, scenario, sctp, tcp, tenantsInZones, tupleOfUdp, udp6, udpLite, wait, carrying, type Word, zone } from '../../properties/words.ts';
import type { Command, Protoinfo, TcpSide } from '../../spec/trace/event.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import { type Address, type Ipv6, ipv6 } from '../../spec/trace/packet.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { GRE, ICMP, ICMPV6, SCTP, TCP, UDP, type UdpLite, UDP_LITE } from '../../spec/trace/transport.ts';
import { inverse, type Tuple } from '../../spec/tuple.ts';
import { writeHeader6 } from '../../spec/wire/ipv6.ts';
import { writeTransport } from '../../spec/wire/transport.ts';

export type ControlRow = {
  readonly row: string;
  readonly trace: Trace;
  /** What `toldIn` says. */
  readonly expected: readonly string[];
};

const row = (name: string, events: readonly Word[], ...expected: readonly string[]): ControlRow => ({
  row: name,
  trace: scenario({ shows: name, network: tenantsInZones(1, 2), events }),
  expected,
});

/** What is said to a command, or as what a packet was tracked; nothing of time. */
export const toldIn = ({ trace: { events } }: ControlRow, outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.filter((_, index) => events[index]?.kind !== 'advance').map(textOf);

const textOf = ({ told, passes: [pass] }: Outcome): string => {
  if (told?.kind === 'refused') return told.why;
  if (told?.kind === 'list') return `${told.connections.length} listed${told.connections.some(({ assured }) => assured) ? ', assured' : ''}`;
  if (told) return told.kind;
  return pass && 'direction' in pass ? `${pass.state}, ${pass.direction}` : (pass?.state ?? 'nothing');
};

const [A4, B4, A6, B6] = ['10.0.0.1', '10.0.0.2', 'fd00::1', 'fd00::2'];
const tuple = (protocol: number, sourcePort = 1000, destinationPort = 2000, source: Address = A4, destination: Address = B4): Tuple => ({ source, destination, protocol, sourcePort, destinationPort });
const tuple6 = (protocol: number, sourcePort = 1000, destinationPort = 2000): Tuple => tuple(protocol, sourcePort, destinationPort, A6, B6);
const mirrorOf = (original: Tuple): Tuple => inverse(original) ?? original;

const create = (original: Tuple, others: Partial<Extract<Command, { command: 'create' }>> = {}): Word =>
  asks({ command: 'create', original, reply: mirrorOf(original), zone: zone(1), timeoutMs: 100_000, ...others });
const get = (asked: Tuple): Word => asks({ command: 'get', tuple: asked, zone: zone(1) });
const remove = (asked: Tuple): Word => asks({ command: 'delete', tuple: asked, zone: zone(1) });
const dump = asks({ command: 'dump' });

const WITH_PORTS = [TCP, UDP, UDP_LITE, SCTP, GRE];
const GENERIC = [0, 33, 43, 44, 50, 59, 255];

const back6 = udp6({ sourcePort: 2000, destinationPort: 1000 }, { source: B6, destination: A6 });

const PING_6 = ipv6({ source: A6, destination: B6, protocol: ICMP, payload: { kind: 'opaque', bytes: '0800000003e80001', why: 'protocol' } });
const errorAbout6 = (packet: Ipv6): Ipv6 => icmp6({ type: 1, code: 4, identifier: 0, sequence: 0, payload: writeHeader6(packet) + writeTransport(packet) }, { source: B6, destination: A6 });

const versions: readonly ControlRow[] = [
  ...[tuple, tuple6].flatMap((of) => [
    ...WITH_PORTS.map((protocol) =>
      row(`protocol ${protocol} of ${of(0).source}: by all of its tuple`, [create(of(protocol)), get(of(protocol)), get(mirrorOf(of(protocol))), get(of(protocol, 9)), create(of(protocol)), remove(mirrorOf(of(protocol))), dump], 'done', '1 listed', '1 listed', 'missing', 'exists', 'done', '0 listed'),
    ),
    ...GENERIC.map((protocol) =>
      row(`protocol ${protocol} of ${of(0).source}: whatever its ports`, [create(of(protocol)), get(of(protocol, 9)), get(mirrorOf(of(protocol, 0, 7))), create(of(protocol, 3)), remove(of(protocol, 4)), dump], 'done', '1 listed', '1 listed', 'exists', 'done', '0 listed'),
    ),
    ...([[ICMP, 8, 0], [ICMP, 0, 8], [ICMP, 17, 18], [ICMPV6, 128, 129], [ICMPV6, 129, 128], [ICMPV6, 139, 140]] as const).map(([protocol, type, answer]) =>
      row(`protocol ${protocol} of ${of(0).source}, type ${type}`, [create(of(protocol, 7, type * 256)), get(of(protocol, 7, type * 256)), get(mirrorOf(of(protocol, 7, type * 256))), get(of(protocol, 7, answer * 256)), dump], 'done', '1 listed', '1 listed', 'missing', '1 listed'),
    ),
    ...([[ICMP, 3], [ICMP, 11], [ICMP, 19], [ICMP, 255], [ICMPV6, 1], [ICMPV6, 8], [ICMPV6, 127], [ICMPV6, 130], [ICMPV6, 141], [ICMPV6, 255]] as const).map(([protocol, type]) =>
      row(`protocol ${protocol} of ${of(0).source}, type ${type}: no connection's`, [get(of(protocol, 7, type * 256)), remove(of(protocol, 7, type * 256)), create(of(protocol, 7, type * 256))], 'invalid', 'invalid', 'invalid'),
    ),
  ]),
  row('a flush ends both versions, of its zone', [create(tuple(UDP)), create(tuple6(UDP)), create(tuple6(UDP), { zone: zone(2) }), asks({ command: 'flush', zone: 1 }), dump, asks({ command: 'flush' }), dump], 'done', 'done', 'done', 'done', '1 listed', 'done', '0 listed'),
  row('addresses of two versions in one tuple', [get({ ...tuple(UDP), destination: B6 }), remove({ ...tuple6(UDP), destination: B4 }), create({ ...tuple(UDP), source: A6 })], 'invalid', 'invalid', 'invalid'),
  row('tuples of two versions, even where the original exists', [create(tuple6(UDP)), create(tuple6(UDP), { reply: tuple(UDP) }), create(tuple(UDP), { reply: tuple6(UDP) })], 'done', 'invalid', 'invalid'),
  row('tuples of two protocols, but where the original exists', [create(tuple6(UDP)), create(tuple6(UDP), { reply: tuple6(TCP) }), create(tuple6(UDP, 5), { reply: tuple6(TCP) })], 'done', 'exists', 'invalid'),
  row('a packet of a created connection, and of its zone only', [create(tupleOfUdp(udp6())), ...from('t1a', udp6()), ...from('t1b', back6), ...from('t2b', back6)], 'done', 'new, original', 'established, reply', 'new, original'),
  row('an address that only the reply has', [create(tuple6(UDP), { reply: { ...tuple6(UDP), source: 'fd00::3' } }), get({ ...tuple6(UDP), source: 'fd00::3' }), get({ ...tuple6(UDP), source: 'fd00::4' }), remove(tuple6(UDP)), dump], 'done', '1 listed', 'missing', 'done', '0 listed'),
  row('ICMP over IPv6 is invalid, though control knows it; and an error about it is related', [create(tuple6(ICMP, 1000, 8 * 256)), ...from('t1a', PING_6), ...from('t1b', errorAbout6(PING_6))], 'done', 'invalid', 'related, reply'),
  row('an answer of ICMP begins nothing that is valid', [create(tuple(ICMP, 1000, 0)), ...from('t1a', icmp({ type: 0 })), ...from('t1b', icmp({}, BACK))], 'done', 'invalid', 'invalid'),
  row('but ICMPv6 does not look at what began a connection', [create(tuple6(ICMPV6, 1000, 129 * 256)), ...from('t1a', icmp6({ type: 129 })), ...from('t1b', icmp6({}, { source: B6, destination: A6 }))], 'done', 'new, original', 'established, reply'),
];

const side = (flags: Partial<TcpSide> = {}): TcpSide => ({ sackPermitted: false, closedFirst: false, liberal: false, unacknowledged: false, ...flags });
const inState = (state: Extract<Protoinfo, { kind: 'tcp' }>['state'], original = side(), reply = side()): Protoinfo => ({ kind: 'tcp', state, original, reply });
const TCP_BACK = { sourcePort: 2000, destinationPort: 1000 } as const;
const there = (flags: string, sequence: number, acknowledgement = 0, window = 1000) => from('t1a', tcp({ flags, sequence, acknowledgement, window }));
const back = (flags: string, sequence: number, acknowledgement = 0, window = 1000) => from('t1b', tcp({ ...TCP_BACK, flags, sequence, acknowledgement, window }, BACK));

const TCP_STATES = ['NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'SYN_SENT2'] as const;
/**
 * What becomes of a first SYN, SYN and ACK, ACK and FIN of each side. Where the state table lets a SYN and ACK through to
 * the window, it acknowledges what nobody sent.
 */
const FIRST: Readonly<Record<(typeof TCP_STATES)[number], string>> = {
  //                  original  reply
  NONE: 'n - n -  - - - -',
  SYN_SENT: 'n - - -  r - r -',
  SYN_RECV: 'n - n n  - r r r',
  ESTABLISHED: 'n - n n  - r r r',
  FIN_WAIT: 'n - n n  - r r r',
  CLOSE_WAIT: 'n - n n  - r r r',
  LAST_ACK: 'n - n n  - r r r',
  TIME_WAIT: 'n - n n  r r r r',
  CLOSE: 'n - n n  - r r r',
  SYN_SENT2: 'n - - -  r - r -',
};
const WORDS: Readonly<Record<string, string>> = { n: 'new, original', r: 'established, reply', '-': 'invalid' };

const ofTcp: readonly ControlRow[] = [
  ...TCP_STATES.flatMap((state) =>
    (FIRST[state].match(/\S/g) ?? []).map((letter, index) => {
      const flags = ['S', 'SA', 'A', 'FA'][index % 4] ?? '';
      const first = index < 4 ? there(flags, 1000, 5000) : back(flags, 5000, 1000);
      return row(`TCP in ${state}: ${flags} of the ${index < 4 ? 'original' : 'reply'} side`, [create(tuple(TCP), { protoinfo: inState(state) }), ...first], 'done', WORDS[letter] ?? '');
    }),
  ),
  row('TCP of which nothing is said is in NONE', [create(tuple(TCP)), ...there('S', 1000), ...back('SA', 5000, 1001)], 'done', 'new, original', 'established, reply'),
  row('TCP: each side begins where its first segment is', [create(tuple(TCP), { protoinfo: inState('ESTABLISHED') }), ...there('A', 1000, 5000), ...back('A', 5000, 1000), ...there('A', 90_000, 5000), ...back('A', 5000, 1001)], 'done', 'new, original', 'established, reply', 'invalid', 'invalid'),
  row('TCP: liberal sides', [create(tuple(TCP), { protoinfo: inState('ESTABLISHED', side({ liberal: true }), side({ liberal: true })) }), ...there('A', 1000, 5000), ...back('A', 5000, 1000), ...there('A', 90_000, 5000), ...back('A', 5000, 1001)], 'done', 'new, original', 'established, reply', 'established, original', 'established, reply'),
  ...[true, false].map((both) =>
    row(
      `TCP: windows are scaled ${both ? 'where both sides can' : 'by none if one cannot'}`,
      [create(tuple(TCP), { protoinfo: inState('ESTABLISHED', side({ scale: 4 }), side(both ? { scale: 4 } : {})) }), ...there('A', 1000, 5000), ...back('A', 5000, 1000), ...there('A', 10_000, 5000)],
      'done', 'new, original', 'established, reply', both ? 'established, original' : 'invalid',
    ),
  ),
  row('TCP is not to be told of SCTP', [create(tuple(TCP), { protoinfo: { kind: 'sctp', state: 'established', tags: { original: 1, reply: 2 } } }), ...there('SA', 1)], 'done', 'invalid'),
  row('TCP is assured by what is seen', [create(tuple(TCP), { protoinfo: inState('ESTABLISHED') }), get(tuple(TCP)), ...back('A', 5000, 1000), get(tuple(TCP)), ...there('A', 1000, 5000), get(tuple(TCP))], 'done', '1 listed', 'established, reply', '1 listed', 'established, original', '1 listed, assured'),
];

const [DATA, INIT, ABORT, HEARTBEAT] = [0, 1, 6, 4];
const sent = (tag: number, type: number) => from('t1a', sctp(tag, [chunk(type, '00'.repeat(type === INIT ? 16 : 12))]));
const got = (tag: number, type: number) => from('t1b', sctp(tag, [chunk(type, '00'.repeat(type === INIT ? 16 : 12))], { sourcePort: 2000, destinationPort: 1000 }, BACK));
const associated = (state: Extract<Protoinfo, { kind: 'sctp' }>['state'], original = 5, reply = 6): Protoinfo => ({ kind: 'sctp', state, tags: { original, reply } });

const ofSctp: readonly ControlRow[] = [
  row('SCTP of which nothing is said: no tags', [create(tuple(SCTP)), ...sent(1, DATA), ...sent(0, DATA), ...got(0, DATA), ...got(0, INIT)], 'done', 'invalid', 'new, original', 'established, reply', 'invalid'),
  row('SCTP of which nothing is said lives as if closed', [create(tuple(SCTP)), ...sent(0, DATA), wait(9), ...sent(0, DATA), wait(10), ...sent(0, DATA)], 'done', 'new, original', 'new, original', 'invalid'),
  row('SCTP: tags of each direction', [create(tuple(SCTP), { protoinfo: associated('established') }), ...sent(6, DATA), ...sent(5, DATA), ...got(5, DATA), ...got(6, DATA)], 'done', 'invalid', 'new, original', 'invalid', 'established, reply'),
  row('SCTP: established for as long as that lives', [create(tuple(SCTP), { protoinfo: associated('established') }), ...sent(5, DATA), wait(209), ...sent(5, DATA), get(tuple(SCTP)), wait(210), ...sent(5, DATA)], 'done', 'new, original', 'new, original', '1 listed', 'invalid'),
  row('SCTP: aborted it is closed', [create(tuple(SCTP), { protoinfo: associated('established') }), ...sent(5, ABORT), wait(10), ...sent(5, DATA)], 'done', 'new, original', 'invalid'),
  row('SCTP: what moves is where it was said to be', [create(tuple(SCTP), { protoinfo: associated('cookie-echoed') }), ...got(6, 11), get(tuple(SCTP)), ...sent(9, HEARTBEAT)], 'done', 'established, reply', '1 listed, assured', 'established, original'),
  row('SCTP is not to be told of TCP', [create(tuple(SCTP), { protoinfo: inState('ESTABLISHED') }), ...sent(5, DATA)], 'done', 'invalid'),
];

/** `sum` is the checksum that the subject takes for right in UDP-Lite (spec/profile.ts). */
export const controlRows = (sum: UdpLite['checksum']): readonly ControlRow[] => [
  ...versions,
  ...ofTcp,
  ...ofSctp,
  row('UDP-Lite: a stream once answered', [create(tuple(UDP_LITE)), ...from('t1b', udpLite({ checksum: sum, sourcePort: 2000, destinationPort: 1000 }, BACK)), ...from('t1a', udpLite({ checksum: sum })), wait(119), get(tuple(UDP_LITE)), wait(1), get(tuple(UDP_LITE))], 'done', 'established, reply', 'established, original', '1 listed, assured', 'missing'),
  row('GRE has no timeouts: its first packet is its last', [create(tuple(GRE, 0, 0)), ...from('t1a', carrying(GRE, '00000800')), get(tuple(GRE, 0, 0)), ...from('t1a', carrying(GRE, '00000800'))], 'done', 'new, original', 'missing', 'new, original'),
  row('GRE: two call ids that answer each other', [create(tuple(GRE, 0, 5), { reply: { ...mirrorOf(tuple(GRE)), sourcePort: 0, destinationPort: 7 } }), ...from('t1b', carrying(GRE, '2001880b00000007', BACK))], 'done', 'established, reply'),
  row('ESP', [create(tuple(50)), ...from('t1b', carrying(50, '00', BACK)), wait(599), get(tuple(50)), wait(1), get(tuple(50))], 'done', 'established, reply', '1 listed', 'missing'),
];
