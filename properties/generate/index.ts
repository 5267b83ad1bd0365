/**
 * Traces: one for each pair of seed and index, the same everywhere and for ever within a version of the suite.
 *
 * fast-check draws; reducing is done on traces (properties/reduce.ts), so that stored and captured ones reduce as well.
 */
import fc, { Arbitrary, type Random, Value } from 'fast-check';
import type { Network, Tenant } from '../../spec/trace/network.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import type { Capabilities } from '../subject.ts';
import { memoised } from '../tenants.ts';
import type { Terrain } from '../terrain.ts';
import { conversation, pools } from './conversation.ts';
import { type Dice, diceOver, nonEmpty } from './dice.ts';
import { type Features, features } from './features.ts';
import { flood } from './flood.ts';
import { network } from './network.ts';
import { schedule, type Stream } from './schedule.ts';
import type { Pools } from './stage.ts';

/** So many traces in a row share a network: to set one up costs a foreign subject as much as to play some packets. */
const TRACES_A_NETWORK = 4;

/** The trace of an index (0 or more) under a seed (a 32-bit integer), within what a subject can do. */
export const traceFor = (seed: number, index: number, capabilities: Capabilities, terrain: Terrain = 'apart'): Trace => {
  const net = networkOf(capabilities)(mixed(~seed, Math.floor(index / TRACES_A_NETWORK)), terrain);
  return drawn(mixed(seed, index), (dice) => traffic(dice, net, capabilities, terrain));
};

/** Networks by their seed; the last one is remembered, because the traces that share it come one after the other. */
const networkOf = memoised((capabilities: Capabilities) => {
  let last: { readonly seed: number; readonly terrain: Terrain; readonly net: Network } | undefined;
  return (seed: number, terrain: Terrain): Network => {
    if (last?.seed !== seed || last.terrain !== terrain) {
      last = { seed, terrain, net: drawn(seed, (dice) => network(dice, capabilities, terrain)) };
    }
    return last.net;
  };
});

/** What is drawn under a seed. */
const drawn = <T>(seed: number, draw: (dice: Dice) => T): T => {
  const [value] = fc.sample(new Drawn(draw), { seed, numRuns: 1 });
  if (value === undefined) throw new Error('fast-check drew nothing');
  return value;
};

/** A function over dice as an arbitrary of fast-check. */
class Drawn<T> extends Arbitrary<T> {
  readonly #draw: (dice: Dice) => T;
  constructor(draw: (dice: Dice) => T) {
    super();
    this.#draw = draw;
  }
  override generate(random: Random): Value<T> {
    return new Value(this.#draw(diceOver(random)), undefined);
  }
  override canShrinkWithoutContext(_value: unknown): _value is T {
    return false;
  }
  override shrink(): fc.Stream<Value<T>> {
    return fc.Stream.nil();
  }
}

const traffic = (dice: Dice, net: Network, capabilities: Capabilities, terrain: Terrain): Trace => {
  const on = features(dice, capabilities, terrain);
  const from = pools(dice, on);
  const streams = net.tenants.flatMap((tenant) => conversations(dice, on, from, net, tenant, LENGTHS[terrain]));
  const floods = on.flood ? [{ drafts: flood(dice, from, dice.among(...nonEmpty(net.tenants))), atOnce: true }] : [];
  return { version: 1, network: net, events: schedule(dice, on, net, capabilities, [...streams, ...floods]) };
};

/** How many packets of a tenant are enough. */
type Length = { readonly from: number; readonly to: number };

/** Where tenants are apart a run takes many short traces; of leaks that there are each trace is to show as many as it can. */
const LENGTHS: Readonly<Record<Terrain, Length>> = { apart: { from: 1, to: 3 }, shipped: { from: 2, to: 5 } };

/** One tenant's packets in a crowd: at most 128. */
const MOST_DOUBLINGS = 7;

/** Many short ones, or a few long ones; more where connections are counted; in a crowd very many, as many as a power of two says. */
const conversations = (dice: Dice, on: Features, from: Pools, net: Network, tenant: Tenant, length: Length): readonly Stream[] => {
  const streams: Stream[] = [];
  let packets = 1;
  const enough = on.crowd ? 2 ** dice.between(4, MOST_DOUBLINGS) : dice.between(length.from, length.to + (net.limits?.counters === undefined ? 0 : 3));
  for (let left = on.crowd ? enough : 4; left > 0 && packets <= enough; left -= 1) {
    const drafts = conversation(dice, on, from, net, tenant, packets);
    packets += drafts.length;
    streams.push({ drafts, atOnce: false });
  }
  return streams;
};

/** Neighbouring pairs give unrelated 32-bit seeds (the finaliser of MurmurHash3). */
const mixed = (seed: number, index: number): number => {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
};
