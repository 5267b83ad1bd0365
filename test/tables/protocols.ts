/**
 * The table of protocols without a state machine (every row measured on Linux): which packets are tracked as what in an
 * empty zone, and for how long.
 */
import type { Outcome } from '../../spec/trace/outcome.ts';
import type { Ipv4 } from '../../spec/trace/packet.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { GRE, ICMP, ICMPV6, type UdpLite, UDP_LITE } from '../../spec/trace/transport.ts';
import { answersTo, BACK, carrying, from, scenario, tenantsInZones, udpLite, wait, type Word } from '../../properties/words.ts';

import { overIpv6 } from './over-ipv6.ts';

export type ProtocolRow = {
  readonly row: string;
  readonly trace: Trace;
  /** What `stateOf` says of each event but those in which time passes. */
  readonly expected: readonly string[];
  /** Look at so many events at the end only. */
  readonly last?: number;
};

const row = (name: string, events: readonly Word[], ...expected: readonly string[]): ProtocolRow => ({
  row: name,
  trace: scenario({ shows: name, network: tenantsInZones(1), events }),
  expected,
});

const single = (name: string, packet: Ipv4, expected: string): ProtocolRow => row(name, from('t1a', packet), expected);

/** Whose connection a packet is, if any. */
const stateOf = ({ passes: [pass] }: Outcome): string => {
  if (!pass) return 'nothing';
  if (!('zone' in pass)) return pass.state;
  return `${pass.direction === 'reply' ? 'reply' : pass.state} ${pass.connection}`;
};

export const statesIn = ({ trace: { events }, last = events.length }: ProtocolRow, outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.filter((_, index) => events[index]?.kind !== 'advance').map(stateOf).slice(-last);

/** `sum` is the checksum that the subject takes for right in UDP-Lite (spec/profile.ts). */
export const protocolRows = (sum: UdpLite['checksum']): readonly ProtocolRow[] => {
  const either = rowsOfEither(sum);
  return [...rowsOf4, ...either, ...rowsOf6, ...either.map(overIpv6)];
};

const rowsOf4: readonly ProtocolRow[] = [
  ...[0, 2, 4, 33, 41, 43, 44, 50, 51, 59, 60, 89, 103, 115, 255].flatMap((protocol) =>
    [0, 1, 4, 20].map((bytes) => single(`protocol ${protocol} with ${bytes} bytes`, carrying(protocol, '00'.repeat(bytes)), 'new 1')),
  ),
  ...[0, 4, 8, 20].map((bytes) => single(`ICMPv6 in IPv4 with ${bytes} bytes`, carrying(ICMPV6, '80'.padEnd(bytes * 2, '0').slice(0, bytes * 2)), 'invalid')),
];

/** Over IPv6 some numbers are those of extension headers (ipv6.ts). */
const rowsOf6: readonly ProtocolRow[] = [
  ...[2, 4, 33, 41, 50, 89, 103, 115, 255].flatMap((protocol) =>
    [0, 1, 4, 20].map((bytes) => overIpv6(single(`protocol ${protocol} with ${bytes} bytes`, carrying(protocol, '00'.repeat(bytes)), 'new 1'))),
  ),
  ...[0, 4, 8, 20].map((bytes) => overIpv6(single(`ICMP with ${bytes} bytes`, carrying(ICMP, '08'.padEnd(bytes * 2, '0').slice(0, bytes * 2)), 'invalid'))),
];

const rowsOfEither = (sum: UdpLite['checksum']): readonly ProtocolRow[] => [
  ...greRows,
  ...udpLiteRows(sum),
  ...ages('generic', carrying(50, '00'), 600, 600, 600),
  ...ages('GRE', carrying(GRE, '00000800'), 30, 30, 180),
  ...ages('UDP-Lite', udpLite({ checksum: sum }), 30, 30, 120),
];

const greRows: readonly ProtocolRow[] = [
  ...['', '0001', '0000', '00000800', '2000080000000007', '2001880b0000', '000108000000', '0002880b00040006', '0003080000040006', '0005080000040006'].map(
    (bytes) => row(`GRE ${bytes || 'empty'}: the tunnel`, from('t1a', carrying(GRE, '00000800'), carrying(GRE, bytes)), 'new 1', 'new 1'),
  ),
  ...['2001880b00040005', '2009880b00040005'].map((bytes) =>
    row(`GRE ${bytes}: a call`, from('t1a', carrying(GRE, '00000800'), carrying(GRE, bytes)), 'new 1', 'new 2'),
  ),
  ...['2001080000040005', '0001080000000000', '0009080000040005'].map((bytes) => single(`GRE ${bytes}: no PPP`, carrying(GRE, bytes), 'invalid')),
  row(
    'GRE: the same call id in the other direction is another connection',
    [...from('t1a', carrying(GRE, '2001880b00000005')), ...from('t1b', carrying(GRE, '2001880b00000005', BACK))],
    'new 1',
    'new 2',
  ),
  row(
    'GRE: call 0 is the tunnel',
    [...from('t1a', carrying(GRE, '2001880b00000000')), ...from('t1b', carrying(GRE, '00000800', BACK), carrying(GRE, '2001880b00000000', BACK))],
    'new 1',
    'reply 1',
    'reply 1',
  ),
];

const udpLiteRows = (sum: UdpLite['checksum']): readonly ProtocolRow[] => {
  const payload = '0102030405060708';
  const covering = (coverage: number, checksum = sum) => udpLite({ coverage, checksum, payload });
  const large = '0102'.repeat(150);
  return [
    ...[0, 8, 308].map((coverage) => single(`UDP-Lite, coverage ${coverage} of 308`, udpLite({ coverage, checksum: sum, payload: large }), 'new 1')),
    ...[0, 8, 9, 12, 15, 16].map((coverage) => single(`UDP-Lite, coverage ${coverage} of 16`, covering(coverage), 'new 1')),
    ...[1, 7, 17, 65_535].map((coverage) => single(`UDP-Lite, coverage ${coverage} of 16`, covering(coverage), 'invalid')),
    ...[0, 8, 16].map((coverage) => single(`UDP-Lite, another checksum, coverage ${coverage}`, covering(coverage, sum === 'right' ? 'as Linux' : 'right'), 'invalid')),
    single('UDP-Lite, a wrong checksum', covering(0, { wrong: 0x1234 }), 'invalid'),
    single('UDP-Lite, no checksum', covering(0, 'none'), 'invalid'),
    ...['', '03e807', '03e807d0000000'].map((bytes) => single(`UDP-Lite with ${bytes.length / 2} bytes`, { ...carrying(UDP_LITE, ''), payload: { kind: 'opaque', bytes, why: 'short' } }, 'invalid')),
  ];
};

/** Seconds that a connection lives after its first packet, after the first answer to it, and after the packet behind that. */
const ages = (name: string, packet: Ipv4, first: number, answered: number, stream: number): readonly ProtocolRow[] => {
  const sent = from('t1a', packet);
  const again = from('t1a', packet);
  const last = from('t1a', packet);
  return [
    row(`${name}: ${first} s`, [...sent, wait(first - 1), ...again, wait(first), ...last], 'new 1', 'new 1', 'new 2'),
    row(`${name}: ${answered} s after the first answer`, [...sent, ...answersTo(sent), wait(answered - 1), ...again], 'new 1', 'reply 1', 'established 1'),
    row(`${name}: not a second more`, [...sent, ...answersTo(sent), wait(answered), ...again], 'new 1', 'reply 1', 'new 2'),
    row(
      `${name}: ${stream} s once answered`,
      [...sent, ...answersTo(sent), ...again, wait(stream - 1), ...last, wait(stream), ...from('t1a', packet)],
      'new 1', 'reply 1', 'established 1', 'established 1', 'new 2',
    ),
  ];
};
