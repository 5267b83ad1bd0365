/**
 * The plan of a run: everything that its result depends on.
 */
import type { Terrain } from '../../properties/terrain.ts';
import type { Task } from './task.ts';

export type Plan = {
  readonly subject: string;
  /** Ids, in the order of the list of laws. */
  readonly laws: readonly string[];
  /** The laws were asked for by name, so one that can't be checked leaves the run inconclusive. */
  readonly asked: boolean;
  readonly seed: number;
  readonly terrain: Terrain;
  /** Where another Open vSwitch than the system's is installed. */
  readonly ovsRoot?: string;
  /** Traces; with a budget the most that it may come to. */
  readonly runs: number;
  /** Wall-clock time of judging, behind known findings and canaries, after which nothing further is begun. */
  readonly budgetMs?: number;
  readonly shard: Shard;
};

/** Part `index` (1..of) of `of` equal parts. */
export type Shard = { readonly index: number; readonly of: number };

export const WHOLE: Shard = { index: 1, of: 1 };

/** Traces in one task: enough to make handing it over cheap, few enough to spread over workers; fewer where time may be up soon. */
const [CHUNK, CHUNK_OF_TIME] = [32, 4];

/** The indices of a shard, from `from` up to, not including, `to`. */
export const rangeOf = ({ runs, shard: { index, of } }: Plan): { readonly from: number; readonly to: number } => ({
  from: Math.floor((runs * (index - 1)) / of),
  to: Math.floor((runs * index) / of),
});

/** The plan's traces in chunks, in order. */
export function* judgeTasks(plan: Plan): Iterable<Task> {
  const { from, to } = rangeOf(plan);
  const size = plan.budgetMs === undefined ? CHUNK : CHUNK_OF_TIME;
  for (let start = from; start < to; start += size) yield { kind: 'judge', from: start, to: Math.min(to, start + size), skip: [] };
}
