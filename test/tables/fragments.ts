/**
 * The table of fragments (every row measured on Linux): what arrives, and with which fragment a datagram goes on.
 */
import { DEFAULT_TCP } from '../../spec/tcp/settings.ts';
import { DEFAULT_TIMEOUTS } from '../../spec/timeouts.ts';
import type { Network } from '../../spec/trace/network.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import type { Ipv4 } from '../../spec/trace/packet.ts';
import { type Bytes, ipv4, lengthOf, slice } from '../../spec/trace/packet.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { writeTransport } from '../../spec/wire/transport.ts';
import { colouredPayload } from '../../properties/colours.ts';

type Change = Partial<Pick<Ipv4, 'tos' | 'df' | 'id' | 'protocol' | 'options' | 'reserved' | 'ttl'>>;

/** From, to (in bytes of the UDP datagram), whether more follow, and what else is special. */
export type Fragment = readonly [start: number, end: number, more: boolean, change?: Change];

export type Row = {
  readonly row: string;
  readonly fragments: readonly Fragment[];
  /** Places in the list at which a datagram leaves, from 0. */
  readonly complete: readonly number[];
};

const [A, B, C]: readonly [Fragment, Fragment, Fragment] = [[0, 24, true], [24, 48, true], [48, 72, false]];
const AB: Fragment = [0, 48, true];

/** A 72-byte datagram, but where a row says otherwise. */
export const rows: readonly Row[] = [
  { row: 'in order', fragments: [A, B, C], complete: [2] },
  { row: 'in reverse', fragments: [C, B, A], complete: [2] },
  { row: 'an exact duplicate in the middle is ignored', fragments: [A, B, B, C], complete: [3] },
  { row: 'an exact duplicate of the first is ignored', fragments: [A, A, B, C], complete: [3] },
  { row: 'an exact duplicate of the last is ignored', fragments: [A, C, C, B], complete: [3] },
  { row: 'inside what one run holds: ignored', fragments: [AB, B, C], complete: [2] },
  { row: 'inside a run that grew in order: ignored', fragments: [A, B, [8, 32, true], C], complete: [3] },
  { row: 'a superset kills the queue', fragments: [A, AB, C], complete: [] },
  { row: 'after a kill everything starts again', fragments: [A, AB, A, B, C], complete: [4] },
  { row: 'a partial overlap kills the queue', fragments: [A, [16, 40, true], B, C], complete: [] },
  { row: 'over two runs that touch: an overlap, though all is known', fragments: [B, A, [16, 32, true], C], complete: [] },
  { row: 'a fragment after completion starts a new queue', fragments: [A, B, C, A, B, C], complete: [2, 5] },
  { row: 'a second last with another end kills the queue', fragments: [A, C, [48, 64, false], B], complete: [] },
  { row: 'a last that ends before known data kills the queue', fragments: [A, B, [24, 40, false], A, B, C], complete: [5] },
  { row: 'data beyond the known end kills the queue', fragments: [A, C, [72, 80, true], B], complete: [] },
  { row: 'a fragment without data kills the queue', fragments: [A, [24, 24, true], B, C], complete: [] },
  { row: 'a last without data kills the queue', fragments: [A, B, [48, 72, true], [72, 72, false]], complete: [] },
  { row: 'less than 8 bytes with more to follow: nothing is left, the queue dies', fragments: [A, [24, 28, true], B, C], complete: [] },
  { row: 'more to follow but not a multiple of 8: cut down, and it fits', fragments: [[0, 20, true], [16, 72, false]], complete: [1] },
  { row: 'cut down, so that a hole stays', fragments: [[0, 20, true], [24, 72, false]], complete: [] },
  { row: 'the last needs no multiple of 8', fragments: [[0, 64, true], [64, 65, false]], complete: [1] },
  { row: 'a first fragment of 8 bytes', fragments: [[0, 8, true], [8, 72, false]], complete: [1] },
  { row: 'a last inside a run gives the end, and completes nothing', fragments: [A, [16, 24, false], B], complete: [] },
  { row: 'identifications tell datagrams apart', fragments: [A, [24, 48, true, { id: 9 }], B, C], complete: [3] },
  { row: 'protocols tell datagrams apart', fragments: [A, [24, 48, true, { protocol: 6 }], B, C], complete: [3] },
  { row: 'ends at 65535 with its header', fragments: [[0, 32_768, true], [32_768, 65_512, true], [65_512, 65_515, false]], complete: [2] },
  { row: 'one byte more is too long', fragments: [[0, 32_768, true], [32_768, 65_512, true], [65_512, 65_516, false]], complete: [] },
  { row: 'beyond what offsets can say', fragments: [[0, 8, true], [65_528, 65_544, false], [8, 32_768, true], [32_768, 65_528, true]], complete: [] },
  ...congestionRows(),
];

/** Which congestion marks go together: any, but Not-ECT (0) with another. */
function congestionRows(): readonly Row[] {
  const marks = [0, 1, 2, 3];
  return marks.flatMap((a) =>
    marks.map((b): Row => {
      const fragments: readonly Fragment[] = [[0, 48, true, { tos: a }], [48, 72, false, { tos: b }]];
      const together = a === b || (a !== 0 && b !== 0);
      return { row: `congestion marks ${a} and ${b}`, fragments, complete: together ? [1] : [] };
    }),
  );
}

const network: Network = {
  devices: [
    { name: 'in', passes: [{ zone: { id: 1, counts: 'both' }, assigned: 'before-defragmentation' }], exit: 'out' },
    { name: 'out', passes: [{ zone: { id: 1, counts: 'both' }, assigned: 'before-defragmentation' }], exit: 'in' },
  ],
  tenants: [{ number: 1, devices: ['in', 'out'] }],
  timeouts: DEFAULT_TIMEOUTS,
  tcp: DEFAULT_TCP,
  fragments: { distance: 0, memoryBytes: 0 },
};

/** A row as a trace: event n is the fragment at place n. */
export const traceOf = ({ fragments }: Row): Trace => {
  const datagram = datagramOf(Math.max(72, ...fragments.map(([, end]) => end)));
  return {
    version: 1,
    network,
    events: fragments.map((fragment, id) => ({ kind: 'receive', id, device: 'in', packet: pieceOf(datagram, fragment) })),
  };
};

/** A UDP datagram of a size in bytes without a checksum; one that is too long claims less. */
export const datagramOf = (size: number): Bytes =>
  writeTransport(
    ipv4({
      source: '10.0.0.1',
      destination: '192.0.2.9',
      payload: {
        kind: 'udp',
        sourcePort: 1000,
        destinationPort: 2000,
        length: size > 65_535 ? { claimed: 8 } : 'right',
        checksum: 'none',
        payload: colouredPayload(1, 1, size - 8),
      },
    }),
  );

export const pieceOf = (datagram: Bytes, [start, end, mf, change]: Fragment): Ipv4 =>
  ipv4({
    source: '10.0.0.1',
    destination: '192.0.2.9',
    id: 7,
    mf,
    offset: start,
    payload: { kind: 'opaque', bytes: slice(datagram, start, Math.min(end, lengthOf(datagram))), why: 'fragment' },
    ...change,
  });

/** The places at which a datagram left. */
export const completeIn = (outcomes: readonly Outcome[]): readonly number[] =>
  outcomes.flatMap(({ event, left }) => (left.length > 0 ? event : []));
