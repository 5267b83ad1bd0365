/**
 * Measuring: trackers take turns on one workload, round after round, so that noise meets each of them.
 *
 * Before the clock starts they have to agree on every packet of the preparation and of a whole round, and once more when
 * it has stopped: what is fast and wrong is no result.
 */
import { sha256 } from '../gate/digest.ts';
import { bytesKept } from './memory.ts';
import { engineTracker, mapTracker, modelTracker, type Maker, type Tracker } from './tracker.ts';
import { type Arrival, BATCH, emptyArrival, type Fill, type Workload } from './workload.ts';

const MAKERS = { engine: engineTracker, map: mapTracker, model: modelTracker } satisfies Record<string, Maker>;

export type TrackerName = keyof typeof MAKERS;

/** What one tracker came to on one workload. */
export type Score = {
  /** One number a round. */
  readonly packetsPerSecond: readonly number[];
  /** Absent where the workload is not weighed. */
  readonly bytesPerConnection?: number;
};

export type Row = {
  readonly workload: string;
  /** Absent: not measured. */
  readonly scores: Readonly<Partial<Record<TrackerName, Score>>>;
};

/** Packets of a round for the model, which takes its time. */
const MODEL_PACKETS = BATCH;

/** At least so many connections are weighed at once, in as many trackers as that takes: a heap is never quite still. */
const WEIGHED = 4096;

/** `watch` is told what comes next. Throws an Error if two trackers differ. */
export const measure = (workload: Workload, rounds: number, watch: (what: string) => void): Row => {
  const batch = Array.from({ length: BATCH }, emptyArrival);
  const { packets } = workload;
  watch('filling tables');
  const entrants = namesFor(workload).map((name) => {
    const { tracker, account, ...weight } = prepared(workload, name, batch);
    return { name, tracker, account, weight, packets: name === 'model' ? MODEL_PACKETS : packets, rates: [] as number[] };
  });
  watch('do they agree?');
  for (const entrant of entrants) entrant.account.push(...accountOf(workload, entrant.tracker, 0, entrant.packets, batch));
  compare(workload, entrants);
  for (let round = 1; round <= rounds; round += 1) {
    watch(`round ${round} of ${rounds}`);
    for (const entrant of round % 2 === 0 ? entrants.toReversed() : entrants) {
      entrant.rates.push((entrant.packets * 1000) / timeOf(workload, entrant.tracker, round * packets, entrant.packets, batch));
    }
  }
  watch('do they still agree?');
  for (const entrant of entrants) entrant.account = accountOf(workload, entrant.tracker, (rounds + 1) * packets, BATCH, batch);
  compare(workload, entrants);
  return { workload: workload.name, scores: Object.fromEntries(entrants.map(({ name, rates, weight }) => [name, { packetsPerSecond: rates, ...weight }])) };
};

const namesFor = ({ modelled }: Workload): readonly TrackerName[] => (modelled ? ['engine', 'map', 'model'] : ['engine', 'map']);

/** Packets are made in places that are used again, so that what is timed is given all of them and makes none. */
const inBatches = (fill: Fill, from: number, count: number, batch: readonly Arrival[], take: (arrivals: readonly Arrival[], number: number) => void): void => {
  for (let done = 0; done < count; done += BATCH) {
    const arrivals = batch.slice(0, Math.min(BATCH, count - done));
    for (const [place, arrival] of arrivals.entries()) fill(from + done + place, arrival);
    take(arrivals, from + done);
  }
};

/** What a tracker says of packets: a hash of each batch, because a million sentences would not fit. */
const accountOf = ({ fill, passesMs }: Pick<Workload, 'fill' | 'passesMs'>, tracker: Tracker, from: number, count: number, batch: readonly Arrival[]): string[] => {
  const account: string[] = [];
  inBatches(fill, from, count, batch, (arrivals, number) => {
    tracker.advance(passesMs(number / BATCH));
    const said = arrivals.map(({ device, bytes }) => {
      tracker.receive(device, bytes);
      return tracker.said();
    });
    account.push(sha256(said.join('\n')));
  });
  return account;
};

/** A tracker may have seen fewer packets than another. */
const compare = ({ name }: Workload, [first, ...others]: readonly { readonly name: TrackerName; readonly account: readonly string[] }[]): void => {
  for (const other of others) {
    if (other.account.every((hash, place) => hash === first?.account[place])) continue;
    throw new Error(`bench: on "${name}" ${first?.name} and ${other.name} say different things, so nothing is measured; src/bench/map-tracker.test.ts looks for the packet`);
  }
};

/** Milliseconds that a tracker takes for so many packets. */
const timeOf = ({ fill, passesMs }: Workload, tracker: Tracker, from: number, count: number, batch: readonly Arrival[]): number => {
  let elapsedMs = 0;
  inBatches(fill, from, count, batch, (arrivals, number) => {
    const milliseconds = passesMs(number / BATCH);
    const startMs = performance.now();
    tracker.advance(milliseconds);
    for (const { device, bytes } of arrivals) tracker.receive(device, bytes);
    elapsedMs += performance.now() - startMs;
  });
  return elapsedMs;
};

type Prepared = Pick<Score, 'bytesPerConnection'> & { readonly tracker: Tracker; readonly account: string[] };

/**
 * A tracker that holds the workload's connections, and what it said on the way. Its weight is what it holds beyond one
 * with a single connection, for each of the others.
 */
const prepared = (workload: Workload, name: TrackerName, batch: readonly Arrival[]): Prepared => {
  const { connections, network, preparation, prepare } = workload;
  const fill = (count: number): Omit<Prepared, 'bytesPerConnection'> => {
    const tracker = MAKERS[name](network, count);
    return { tracker, account: accountOf({ fill: prepare, passesMs: () => 0 }, tracker, 0, (preparation / connections) * count, batch) };
  };
  if (!workload.weighed || name === 'model') return fill(connections);
  const copies = Math.ceil(WEIGHED / connections);
  let kept: readonly Omit<Prepared, 'bytesPerConnection'>[] = [];
  const weigh = (count: number): number => {
    kept = [];
    return bytesKept(() => {
      kept = Array.from({ length: copies }, () => fill(count));
    });
  };
  // Code that runs for the first time takes memory too, which many connections would hide.
  if (copies > 1) weigh(connections);
  const single = weigh(1);
  const full = weigh(connections);
  const [first] = kept;
  if (first === undefined) throw new Error('bench: at least one tracker is weighed');
  return { ...first, bytesPerConnection: (full - single) / ((connections - 1) * copies) };
};
