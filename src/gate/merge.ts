/**
 * Merging: the shards of a run put together are the run.
 */
import { BadInput, Inconclusive } from './errors.ts';
import { WHOLE } from './plan.ts';
import { inOrder } from './result.ts';
import type { Result } from './result.ts';
import { LOWEST, sumOf } from './tally.ts';
import type { Failure } from './task.ts';

export type NamedShard = { readonly file: string; readonly result: Result };

/** @throws BadInput unless these are all shards of one run, each once. @throws Inconclusive if they contradict each other. */
export const merge = (shards: readonly NamedShard[]): Result => {
  const [first] = shards;
  if (!first) throw new BadInput('There is no shard-i-of-n.json in what was given; name the directories that verify --shard wrote.');
  const seen = new Map<number, string>();
  for (const { file, result } of shards) {
    if (identityOf(result) !== identityOf(first.result)) {
      throw new BadInput(`${file} and ${first.file} are not of one run (seed, runs, laws, subject, version and shards must be equal); merge shards of one run.`);
    }
    const { index } = result.plan.shard;
    const twin = seen.get(index);
    if (twin !== undefined) throw new BadInput(`${file} and ${twin} are the same shard; give each shard once.`);
    seen.set(index, file);
  }
  const { of } = first.result.plan.shard;
  const missing = Array.from({ length: of }, (_, place) => place + 1).filter((index) => !seen.has(index));
  if (missing.length > 0) throw new BadInput(`Shard ${missing.join(', ')} of ${of} is missing; give every shard of the run.`);

  const canaries = JSON.stringify(first.result.canaries);
  const other = shards.find(({ result }) => JSON.stringify(result.canaries) !== canaries);
  if (other) throw new Inconclusive(`${other.file} and ${first.file} saw different canaries under one seed, so the subject is not deterministic.`);

  const known = JSON.stringify(first.result.known);
  const unlike = shards.find(({ result }) => JSON.stringify(result.known) !== known);
  if (unlike) throw new Inconclusive(`${unlike.file} and ${first.file} saw known findings differently, so the subject is not deterministic.`);

  const { result } = first;
  return {
    ...result,
    plan: { ...result.plan, shard: WHOLE },
    tally: sumOf(shards.map((shard) => shard.result.tally)),
    failures: lowest(inOrder(shards.flatMap((shard) => shard.result.failures), result.plan.laws)),
  };
};

/** What shards of one run have in common. */
const identityOf = ({ zoneproof, plan, description }: Result): string =>
  JSON.stringify([zoneproof, { ...plan, shard: plan.shard.of }, description]);

const lowest = (failures: readonly Failure[]): readonly Failure[] => {
  const counts = new Map<string, number>();
  return failures.filter(({ law, what, flaky }) => {
    const key = JSON.stringify([law, what, flaky]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return (counts.get(key) ?? 0) <= LOWEST;
  });
};
