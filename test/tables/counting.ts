/**
 * The table of rules that count connections (every row measured on Linux): what passes, and what is dropped.
 */
import type { Network } from '../../spec/trace/network.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { answersTo, asks, endsOf, errorsTo, from, handshake, inZone, limitedTo, nft, notrack, scenario, tcp, tenantsInZones, tenantsUnder, tupleOfUdp, udp, udp6, type Word, zone } from '../../properties/words.ts';

export type CountingRow = {
  readonly row: string;
  readonly trace: Trace;
  /** Of each packet, in words with a space between. */
  readonly expected: string;
};

/** `all` zones together or `each` one, and the devices, t1a where none are named. */
type Rule = { readonly all?: number; readonly each?: number; readonly on?: readonly string[] };

const row = (text: string, { all, each = 0, on = ['t1a'] }: Rule, network: Network, events: readonly Word[], expected: string): CountingRow => ({
  row: text,
  trace: scenario({
    shows: text,
    network: limitedTo({ counters: [{ devices: on, most: all ?? each, counts: all === undefined ? 'each-zone' : 'all-zones' }] }, network),
    events,
  }),
  expected,
});

const flow = (sourcePort: number, device = 't1a'): readonly Word[] => from(device, udp({ sourcePort }));
const flows = (...ports: readonly number[]): readonly Word[] => ports.flatMap((port) => flow(port));
const ended = (sourcePort: number): Word => asks({ command: 'delete', tuple: tupleOfUdp(udp({ sourcePort })), zone: zone(1) });

const asked = flows(1, 2);

const ONE = tenantsInZones(1);
/** Two tenants in one zone: what the second one's devices bring is not counted. */
const BESIDE = tenantsInZones(1, 1);
const TWO = tenantsInZones(1, 2);
const BOTH = ['t1a', 't2a'];

const talk = endsOf(1);
const aside = endsOf(2);
/** The same connection, where packets are counted. */
const acknowledged = from('t1a', tcp({ flags: 'A', sequence: 1001, acknowledgement: 5001 }));
const closed = ({ client, server }: typeof talk): readonly Word[] => [...client('FA', 1001, 5001), ...server('FA', 5001, 1002), ...client('A', 1002, 5002)];

export const countingRows: readonly CountingRow[] = [
  row('as many as are allowed, and no more', { all: 2 }, ONE, flows(1, 2, 3), 'pass pass drop'),
  row('none', { all: 0 }, ONE, flows(1, 1), 'drop drop'),
  row('the same one again', { all: 1 }, ONE, flows(1, 1, 1), 'pass pass pass'),
  row('what was dropped goes on counting behind another', { all: 1 }, ONE, flows(1, 2, 1), 'pass drop drop'),
  row('until one comes that is not in the list', { all: 1 }, ONE, [...flows(1, 2), ended(1), ...flows(3, 3)], 'pass drop pass pass'),
  row('what is struck out before it makes room', { all: 2 }, ONE, [...flows(1, 2, 3), ended(1), ...flows(2, 4)], 'pass pass drop pass pass'),
  row('what expired does not count', { all: 1 }, ONE, [...flows(1), { kind: 'advance', milliseconds: 30_000 }, ...flows(2)], 'pass pass'),
  row('equal tuples of two zones are two', { all: 1, on: BOTH }, TWO, [...flow(1), ...flow(1, 't2a')], 'pass drop'),
  row('and one in each zone', { each: 1, on: BOTH }, TWO, [...flow(1), ...flow(1, 't2a'), ...flow(2), ...flow(2, 't2a')], 'pass pass drop drop'),
  row('a zone is counted by its id, whatever its directions', { each: 1, on: BOTH }, tenantsUnder(nft(inZone(5, 'original')), nft(inZone(5, 'reply'))), [...flow(1), ...flow(2, 't2a')], 'pass drop'),
  row('zone 0 is a zone', { each: 1, on: BOTH }, tenantsInZones(undefined, 2), [...flow(1), ...flow(2, 't2a'), ...flow(3)], 'pass pass drop'),
  row('replies are counted too, as their connections', { all: 1, on: ['t1b'] }, ONE, [...asked, ...answersTo(asked)], 'pass pass pass drop'),
  row('errors count as what they are about', { all: 1, on: ['t1b'] }, ONE, [...asked, ...errorsTo(asked)], 'pass pass pass drop'),
  row('one that dies on its way is added, and struck out', { all: 1 }, ONE, [...from('t1a', udp({ sourcePort: 1 }, { ttl: 1 })), ...flows(2)], 'drop pass'),
  row('what is invalid is not counted', { all: 0 }, ONE, from('t1a', udp({ checksum: { wrong: 1 } })), 'pass'),
  row('nor what is not tracked', { all: 0 }, tenantsUnder(nft(notrack)), flow(1), 'pass'),
  row('IPv6 counts with IPv4', { all: 1 }, ONE, [...from('t1a', udp6()), ...flow(1)], 'pass drop'),
  row('TCP that is closed does not count', { all: 1 }, ONE, [...handshake(talk), ...closed(talk), ...flow(1)], 'pass pass pass pass pass pass pass'),
  row('TCP that is open does', { all: 1 }, ONE, [...handshake(talk), ...flow(1)], 'pass pass pass drop'),
  row('an assured one is not added', { all: 1 }, BESIDE, [...handshake(aside), ...flow(1), ...acknowledged, ...flow(1)], 'pass pass pass pass pass pass'),
  row('and has the whole list gone through', { all: 1 }, BESIDE, [...handshake(aside), ...flows(1, 2, 1), ...acknowledged, ...flow(1)], 'pass pass pass pass drop drop pass pass'),
];

/** What each packet came to; of control and time nothing. */
export const passesIn = ({ events }: Trace, outcomes: readonly Outcome[]): string =>
  outcomes.filter((_, index) => events[index]?.kind !== 'control' && events[index]?.kind !== 'advance').map(({ left }) => (left.length > 0 ? 'pass' : 'drop')).join(' ');
