/**
 * The workloads: what is sent to the trackers, packet by packet, each a function of its number and of nothing else.
 */
import { DEFAULT_TCP } from '../../spec/tcp/settings.ts';
import { DEFAULT_TIMEOUTS } from '../../spec/timeouts.ts';
import type { Device, Network } from '../../spec/trace/network.ts';
import { datagram, piecesOf, writeTuple } from './packets.ts';

/** A place for the next packet, used again and again. */
export type Arrival = { device: number; bytes: Uint8Array };

/** Makes the packet with this number. */
export type Fill = (number: number, arrival: Arrival) => void;

export type Workload = {
  readonly name: string;
  readonly network: Network;
  /** Connections that the table has to hold. */
  readonly connections: number;
  /** The preparation leaves exactly these connections, so that their bytes can be told. */
  readonly weighed: boolean;
  /** For the model too. */
  readonly modelled: boolean;
  /** Packets that come before the measuring. */
  readonly preparation: number;
  readonly prepare: Fill;
  /** Packets of one round. */
  readonly packets: number;
  readonly fill: Fill;
  /** Time that passes before a batch of packets, by its number; it is measured with them. */
  readonly passesMs: (batch: number) => number;
};

/** Packets between two looks at the clock. */
export const BATCH = 4096;

const PACKETS = 2 ** 17;
/** The model looks at every connection for every packet. */
const MODEL_CONNECTIONS_MAX = 1000;

/** Devices in pairs, each the other's exit, a zone each. */
const network = (zones: readonly number[]): Network => ({
  devices: zones.map(
    (id, number): Device => ({ name: `d${number}`, passes: [{ zone: { id, counts: 'both' }, assigned: 'before-defragmentation' }], exit: `d${number ^ 1}` }),
  ),
  tenants: [],
  timeouts: DEFAULT_TIMEOUTS,
  tcp: DEFAULT_TCP,
  fragments: { distance: 0, memoryBytes: 0 },
});

const ONE_ZONE = network([1, 1]);

/** Unrelated to its neighbours (the finaliser of MurmurHash3): connections are met in no order. 0..limit-1. */
const scattered = (number: number, limit: number): number => {
  let hash = Math.imul(number ^ (number >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % limit;
};

/** Packets in both directions of connections that are all there; `write` makes a packet of one. */
const steady = (
  workload: Pick<Workload, 'name' | 'network' | 'connections' | 'modelled'>,
  write: (arrival: Arrival, connection: number, direction: 'original' | 'reply') => void,
): Workload => ({
  ...workload,
  weighed: workload.connections > 1,
  preparation: workload.connections * 2,
  prepare: (number, arrival) => write(arrival, number >> 1, directionOf(number)),
  packets: PACKETS,
  fill: (number, arrival) => write(arrival, scattered(number, workload.connections), directionOf(number)),
  passesMs: () => 1,
});

const directionOf = (number: number) => (number % 2 === 0 ? 'original' : 'reply');

const established = (connections: number): Workload =>
  steady({ name: `established, ${connections} connections`, network: ONE_ZONE, connections, modelled: connections <= MODEL_CONNECTIONS_MAX }, (arrival, connection, direction) => {
    arrival.device = direction === 'original' ? 0 : 1;
    writeTuple(arrival.bytes, connection, direction);
  });

/** One tuple, whose packets arrive on the devices of as many zones. */
const zones = (count: number): Workload =>
  steady(
    {
      name: `one tuple in ${count} ${count === 1 ? 'zone' : 'zones'}`,
      // One zone has two devices too, because a packet leaves by another than its own.
      network: network(Array.from({ length: Math.max(2, count) }, (_, device) => device % count)),
      connections: count,
      modelled: false,
    },
    (arrival, zone, direction) => {
      arrival.device = zone;
      writeTuple(arrival.bytes, 0, direction);
    },
  );

/** Connections begin until the table holds so many; then time passes and all of them end, which is part of their cost. */
const fresh = (connections: number): Workload => ({
  name: `new, ${connections} connections, and their end`,
  network: ONE_ZONE,
  connections,
  weighed: false,
  modelled: false,
  preparation: connections,
  prepare: (number, arrival) => writeTuple(arrival.bytes, number, 'original'),
  packets: connections,
  fill: (number, arrival) => writeTuple(arrival.bytes, number % connections, 'original'),
  passesMs: (batch) => (batch % (connections / BATCH) === 0 ? DEFAULT_TIMEOUTS.udpMs : 0),
});

/** Datagrams of 16 senders, their pieces taking turns. */
const reassembly = (pieces: number): Workload => {
  const senders = Array.from({ length: 16 }, (_, sender) => piecesOf(sender, pieces));
  const stream = Array.from({ length: pieces }, (_, piece) => senders.flatMap((sent) => sent[piece] ?? [])).flat();
  const fill = (number: number, arrival: Arrival): void => {
    arrival.bytes = stream[number % stream.length] ?? arrival.bytes;
  };
  return {
    name: `reassembly, ${pieces} pieces of 1480 bytes`,
    network: ONE_ZONE,
    connections: senders.length,
    weighed: false,
    modelled: false,
    preparation: stream.length,
    prepare: fill,
    packets: 2 ** 16,
    fill,
    passesMs: () => 1,
  };
};

export const GROUPS = ['established', 'new', 'zones', 'reassembly'] as const;

/** By the names that `--only` takes; made when they are wanted, as some are large. */
export const WORKLOADS: Readonly<Record<(typeof GROUPS)[number], readonly (() => Workload)[]>> = {
  established: [64, 1000, 65_536, 2 ** 20].map((connections) => () => established(connections)),
  new: [() => fresh(65_536)],
  zones: [1, 65_536].map((count) => () => zones(count)),
  reassembly: [2, 44].map((pieces) => () => reassembly(pieces)),
};

export const emptyArrival = (): Arrival => ({ device: 0, bytes: datagram() });
