/**
 * The table of ways (every row measured on Linux): as what a datagram leaves, and in which zone it was seen.
 */
import { DEFAULT_TCP } from '../../spec/tcp/settings.ts';
import { DEFAULT_TIMEOUTS } from '../../spec/timeouts.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import type { Device, Pass } from '../../spec/trace/network.ts';
import type { Address, Ipv4 } from '../../spec/trace/packet.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { UDP } from '../../spec/trace/transport.ts';
import { readTransport, transportLength } from '../../spec/wire/transport.ts';
import { datagramOf, type Fragment, pieceOf } from './fragments.ts';

export type Way = {
  readonly row: string;
  readonly trace: Trace;
  /** For each event what `wayOf` says. */
  readonly expected: readonly string[];
};

const early = (id?: number): Pass => ({ ...(id !== undefined && { zone: { id, counts: 'both' } }), assigned: 'before-defragmentation' });
const late = (id: number): Pass => ({ zone: { id, counts: 'both' }, assigned: 'after-defragmentation' });

/** Two pairs of devices, `a` to `A` and `b` to `B`. */
const trace = (a: Pass, b: Pass, distance: number, arrivals: readonly (readonly [device: string, packet: Ipv4])[]): Trace => {
  const devices: readonly Device[] = [
    { name: 'a', passes: [a], exit: 'a2' },
    { name: 'a2', passes: [a], exit: 'a' },
    { name: 'b', passes: [b], exit: 'b2' },
    { name: 'b2', passes: [b], exit: 'b' },
  ];
  return {
    version: 1,
    network: {
      devices,
      tenants: [{ number: 1, devices: ['a', 'a2'] }, { number: 2, devices: ['b', 'b2'] }],
      timeouts: DEFAULT_TIMEOUTS,
      tcp: DEFAULT_TCP,
      fragments: { distance, memoryBytes: 0 },
    },
    events: arrivals.map(([device, packet], id) => ({ kind: 'receive', id, device, packet })),
  };
};

const inPieces = (row: string, fragments: readonly Fragment[], last: string, distance = 0): Way => {
  const datagram = datagramOf(Math.max(...fragments.map(([, end]) => end)));
  return {
    row,
    trace: trace(early(1), early(1), distance, fragments.map((fragment) => ['a', pieceOf(datagram, fragment)])),
    expected: [...fragments.slice(1).map(() => 'nothing'), last],
  };
};

const [first, second] = [pieceOf(datagramOf(48), [0, 24, true]), pieceOf(datagramOf(48), [24, 48, false])];

const twoDevices = (row: string, a: Pass, b: Pass, zone: number, arrivals: readonly (readonly [string, Ipv4])[]): Way => ({
  row,
  trace: trace(a, b, 0, arrivals),
  expected: ['nothing', `new, zone ${zone}; 0-24 24-48`],
});

const whole = (source: Address, destination: Address, change: Partial<Ipv4> = {}): Ipv4 => ({
  ...pieceOf('', [0, 0, false]),
  source,
  destination,
  payload: readTransport({ source, destination, protocol: UDP }, datagramOf(16)),
  ...change,
});

const forwarded = (row: string, packet: Ipv4, expected: string): Way => ({
  row,
  trace: trace(early(1), early(1), 0, [['a', packet]]),
  expected: [expected],
});

const NOPS = '01010100';

export const ways: readonly Way[] = [
  inPieces('pieces as they came', [[0, 32, true], [32, 82, false]], 'new, zone 1; 0-32 32-82'),
  inPieces('out of order', [[32, 82, false], [0, 32, true]], 'new, zone 1; 0-32 32-82'),
  inPieces('pieces as they came never keep DF', [[0, 32, true, { df: true }], [32, 82, false, { df: true }]], 'new, zone 1; 0-32 32-82'),
  inPieces('nor the reserved flag', [[0, 32, true, { reserved: true }], [32, 82, false]], 'new, zone 1; 0-32 32-82'),
  inPieces("all with the first one's header", [[0, 32, true, { ttl: 9, tos: 8 }], [32, 82, false]], 'new, zone 1; 0-32 ttl 8 tos 8 32-82 ttl 8 tos 8'),
  inPieces('a TTL of 1 matters in the first only', [[0, 32, true], [32, 82, false, { ttl: 1 }]], 'new, zone 1; 0-32 32-82'),
  inPieces("cut again where the first one's header leaves too little room", [[0, 32, true, { options: NOPS }], [32, 82, false]], `new, zone 1; 0-40 options ${NOPS} 40-82 options ${NOPS}`),
  inPieces('cut again, DF stays', [[0, 32, true, { options: NOPS, df: true }], [32, 82, false, { df: true }]], `new, zone 1; 0-40 DF options ${NOPS} 40-82 DF options ${NOPS}`),
  inPieces('options that are not copied are blanked after the first', [[0, 32, true, { options: '1e040000' }], [32, 64, false, { options: '1e040000' }]], 'new, zone 1; 0-32 options 1e040000 32-64 options 01010101'),
  inPieces('options that are copied stay', [[0, 32, true, { options: '8804002a' }], [32, 64, false, { options: '8804002a' }]], 'new, zone 1; 0-32 options 8804002a 32-64 options 8804002a'),
  inPieces('sizes outlive a restart by distance', [[0, 120, true], [0, 8, true, { id: 8 }], [0, 8, true, { id: 9 }], [0, 32, true, { options: NOPS }], [32, 120, false, { df: true }]], `new, zone 1; 0-32 options ${NOPS} 32-120 options ${NOPS}`, 1),
  twoDevices('an explicit early zone 0 of the first piece stays', early(0), late(5), 0, [['a', first], ['b', second]]),
  twoDevices('of the last piece it does not', early(0), late(5), 5, [['a', second], ['b', first]]),
  twoDevices('no early zone: the late one of the device that came last', early(), late(5), 5, [['a', first], ['b', second]]),
  twoDevices('two late zones: that of the device that came last', late(6), late(5), 5, [['a', first], ['b', second]]),
  forwarded('DF and the reserved flag of a whole datagram stay', whole('10.0.0.1', '192.0.2.9', { df: true, reserved: true }), 'new, zone 1; 0-16 DF reserved'),
  forwarded('what follows the end of options is zeroed', whole('10.0.0.1', '192.0.2.9', { options: '01000101' }), 'new, zone 1; 0-16 options 01000000'),
  forwarded('options that cannot be read', whole('10.0.0.1', '192.0.2.9', { options: '88010101' }), 'new, zone 1; nothing left'),
  forwarded('a TTL of 1', whole('10.0.0.1', '192.0.2.9', { ttl: 1 }), 'new, zone 1; nothing left'),
  forwarded('a TTL of 2', whole('10.0.0.1', '192.0.2.9', { ttl: 2 }), 'new, zone 1; 0-16 ttl 1'),
  ...martians(),
];

function from(source: Address, expected: string): Way {
  return forwarded(`from ${source}`, whole(source, '192.0.2.9'), expected);
}

function to(destination: Address, expected: string): Way {
  return forwarded(`to ${destination}`, whole('10.0.0.1', destination), expected);
}

function martians(): readonly Way[] {
  const stays = 'new, zone 1; nothing left';
  const leaves = 'new, zone 1; 0-16';
  return [
    ...['127.0.0.1', '0.0.0.0', '224.0.0.5', '239.255.255.255', '255.255.255.255'].map((address) => from(address, stays)),
    ...['0.0.0.1', '240.0.0.1', '255.255.255.254', '10.0.0.255'].map((address) => from(address, leaves)),
    ...['127.0.0.1', '0.0.0.0', '224.0.0.1', '224.0.0.251', '239.1.2.3', '255.255.255.255'].map((address) => to(address, stays)),
    ...['0.0.0.1', '240.0.0.1', '255.255.255.254', '10.0.0.255'].map((address) => to(address, leaves)),
  ];
}

/** One line: as what it was tracked, and in which pieces it left, with what is special about them. */
export const wayOf = ({ passes, left }: Outcome): string => {
  const [pass] = passes;
  if (!pass) return 'nothing';
  const seen = 'zone' in pass ? `${pass.state}, zone ${pass.zone}` : pass.state;
  const pieces = left.flatMap((departure) => departure.pieces.flatMap((packet) => (packet.kind === 'ipv4' ? pieceText(packet) : 'raw')));
  return `${seen}; ${pieces.join(' ') || 'nothing left'}`;
};

const pieceText = ({ offset, payload, df, reserved, ttl, tos, options }: Ipv4): string => {
  const size = transportLength(payload);
  return [
    `${offset}-${offset + size}`,
    df && 'DF',
    reserved && 'reserved',
    ttl !== 63 && `ttl ${ttl}`,
    tos !== 0 && `tos ${tos}`,
    options !== '' && `options ${options}`,
  ]
    .filter((word) => word !== false)
    .join(' ');
};
