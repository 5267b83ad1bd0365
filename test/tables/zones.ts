/**
 * The table of zones (every row measured on Linux): which rule counts, which fragments wait together, and which half
 * answers where zones count in one direction.
 */
import { fragmentsOf, from, fromMark, inZone, iptables, late, marked, nft, notrack, scenario, tenantsUnder, udp, BACK, type Word } from '../../properties/words.ts';
import type { ZoneRule } from '../../spec/trace/network.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import type { Trace } from '../../spec/trace/trace.ts';

export type ZoneRow = {
  readonly row: string;
  readonly trace: Trace;
  /** For each event what `zoneSeen` says. */
  readonly expected: readonly string[];
};

type Rules = readonly ZoneRule[];

const row = (name: string, tenants: readonly Rules[], events: readonly (readonly Word[])[], ...expected: readonly string[]): ZoneRow => ({
  row: name,
  trace: scenario({ shows: name, network: tenantsUnder(...tenants), events: events.flat() }),
  expected,
});

/** One whole packet under these rules. */
const whole = (name: string, rules: Rules, expected: string): ZoneRow => row(name, [rules], [from('t1a', udp())], `${expected} > t1b`);

const [head, tail] = fragmentsOf(udp({ payload: '0011223344556677'.repeat(2) }), 2);
const pieces = (first: number, last: number): readonly (readonly Word[])[] => (head && tail ? [from(`t${first}a`, head), from(`t${last}a`, tail)] : []);

/** The head of a datagram by one tenant, its tail by the other. */
const glued = (name: string, one: Rules, other: Rules, ...expected: readonly string[]): ZoneRow => row(name, [one, other], pieces(1, 2), ...expected);

const back = udp({ sourcePort: 2000, destinationPort: 1000 }, BACK);
const original = (id: number): Rules => nft(inZone(id, 'original'));
const reply = (id: number): Rules => nft(inZone(id, 'reply'));

export const zoneRows: readonly ZoneRow[] = [
  whole('nft: zone 7, zone 8', nft(inZone(7), inZone(8)), 'new original 1 in 7'),
  whole('iptables: zone 7, zone 8', iptables(inZone(7), inZone(8)), 'new original 1 in 7'),
  whole('nft: zone 0, zone 8', nft(inZone(0), inZone(8)), 'new original 1 in 0'),
  whole('iptables: zone 0, zone 8', iptables(inZone(0), inZone(8)), 'new original 1 in 0'),
  whole('nft: zone 6, notrack', nft(inZone(6), notrack), 'new original 1 in 6'),
  whole('iptables: zone 6, notrack', iptables(inZone(6), notrack), 'new original 1 in 6'),
  whole('nft: notrack, zone 5', nft(notrack, inZone(5)), 'new original 1 in 5'),
  whole('iptables: notrack, zone 5', iptables(notrack, inZone(5)), 'untracked'),
  whole('iptables: notrack; nft: zone 5', [...iptables(notrack), ...nft(inZone(5))], 'new original 1 in 5'),
  whole('nft: notrack; iptables: zone 5', [...nft(notrack), ...iptables(inZone(5))], 'untracked'),
  whole('nft: notrack, late zone 5', [...nft(notrack), ...late(nft(inZone(5)))], 'new original 1 in 5'),
  whole('nft: original zone 9, reply zone 10', nft(inZone(9, 'original'), inZone(10, 'reply')), 'new original 1 in 9'),
  whole('zone 65535', nft(inZone(65_535)), 'new original 1 in 65535'),
  whole('nft: mark 0x10007, zone from it', nft(marked(0x10007), fromMark), 'new original 1 in 7'),
  whole('iptables: mark 0x10007, zone from it', [...nft(marked(0x10007)), ...iptables(fromMark)], 'new original 1 in 7'),
  whole('iptables: mark 0x20000, zone from it', [...nft(marked(0x20000)), ...iptables(fromMark)], 'new original 1 in 0'),
  whole('nft: zone from the mark, then mark 7', nft(fromMark, marked(7)), 'new original 1 in 0'),
  whole('iptables: zone from the mark, then late mark 7', [...iptables(fromMark), ...late(nft(marked(7)))], 'new original 1 in 7'),

  glued('one zone', nft(inZone(1)), nft(inZone(1)), 'waits', 'new original 1 in 1 > t2b x2'),
  glued('zones 1 and 2', nft(inZone(1)), nft(inZone(2)), 'waits', 'waits'),
  glued('zones 1 and 2 of iptables', iptables(inZone(1)), iptables(inZone(2)), 'waits', 'waits'),
  glued('original zones 1 and 2', original(1), original(2), 'waits', 'waits'),
  glued('reply zones 1 and 2', reply(1), reply(2), 'waits', 'new original 1 in 1 > t2b x2'),
  glued('late zones 1 and 2', late(nft(inZone(1))), late(nft(inZone(2))), 'waits', 'new original 1 in 2 > t2b x2'),
  glued('nft: zones from the marks 1 and 2', nft(marked(1), fromMark), nft(marked(2), fromMark), 'waits', 'waits'),
  glued(
    'iptables: zones from the marks 1 and 2',
    [...nft(marked(1)), ...iptables(fromMark)],
    [...nft(marked(2)), ...iptables(fromMark)],
    'waits',
    'new original 1 in 1 > t2b x2',
  ),
  glued('the same, late', [...nft(marked(1)), ...late(iptables(fromMark))], [...nft(marked(2)), ...late(iptables(fromMark))], 'waits', 'new original 1 in 1 > t2b x2'),
  glued('notrack', nft(notrack), nft(notrack), 'untracked > t1b', 'untracked > t2b'),
  glued('late notrack', late(nft(notrack)), late(nft(notrack)), 'waits', 'untracked > t2b x2'),
  glued('notrack, and late zones 1 and 2', [...nft(notrack), ...late(nft(inZone(1)))], [...nft(notrack), ...late(nft(inZone(2)))], 'invalid > t1b', 'invalid > t2b'),

  row(
    'equal flows in original zones 1 and 2: the second one clashes in zone 0',
    [original(1), original(2)],
    [from('t1a', udp()), from('t2a', udp()), from('t2a', udp())],
    'new original 1 in 1 > t1b',
    'new original 2 in 2, dropped',
    'new original 3 in 2, dropped',
  ),
  row(
    'equal flows in reply zones 1 and 2 are one flow, whose reply is a flow of its own in the second, and from then on in both',
    [reply(1), reply(2)],
    [from('t1a', udp()), from('t2a', udp()), from('t1b', back), from('t2b', back), from('t1b', back)],
    'new original 1 in 1 > t1b',
    'new original 1 in 1 > t2b',
    'established reply 1 in 1 > t1a',
    'new original 2 in 2 > t2a',
    'new original 2 in 2 > t1a',
  ),
  row(
    "a reply in zone 0 is original zone 1's, and so is one in original zone 2",
    [original(1), original(2), nft(inZone(0))],
    [from('t1a', udp()), from('t3b', back), from('t2b', back), from('t1b', back), from('t1a', udp())],
    'new original 1 in 1 > t1b',
    'established reply 1 in 1 > t3a',
    'established reply 1 in 1 > t2a',
    'established reply 1 in 1 > t1a',
    'established original 1 in 1 > t1b',
  ),
  row(
    'of an original and a reply half in zone 0 the one that came last answers, in a directed zone the original one',
    [original(7), reply(8), nft(inZone(0)), reply(9), original(6)],
    [from('t1a', udp()), from('t2b', back), from('t3b', back), from('t4b', back), from('t5b', back)],
    'new original 1 in 7 > t1b',
    'new original 2 in 8 > t2a',
    'new original 2 in 8 > t3a',
    'new original 2 in 8 > t4a',
    'established reply 1 in 7 > t5a',
  ),
];

/** State, direction, connection and zone, and what left. */
export const zoneSeen = ({ passes: [pass], left: [departure] }: Outcome): string => {
  if (!pass) return 'waits';
  const seen = 'zone' in pass ? `${pass.state} ${pass.direction} ${pass.connection} in ${pass.zone}` : pass.state;
  if (!departure) return `${seen}, dropped`;
  return `${seen} > ${departure.device}${departure.pieces.length === 1 ? '' : ` x${departure.pieces.length}`}`;
};
