/**
 * `zoneproof verify`: runs laws against a subject.
 */
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { BadInput } from '../gate/errors.ts';
import type { Finding } from '../gate/finding.ts';
import { lawsNamed } from '../gate/open.ts';
import type { SubjectName } from '../gate/open.ts';
import { WHOLE } from '../gate/plan.ts';
import type { Plan, Shard } from '../gate/plan.ts';
import type { Pool } from '../gate/pool.ts';
import { shardFileName, shardText } from '../gate/shard-file.ts';
import { verify } from '../gate/verify.ts';
import { workerPool } from '../gate/worker-pool.ts';
import type { Terrain } from '../../properties/terrain.ts';
import { VERSION } from '../version.ts';
import { progressMeter } from '../report/progress.ts';
import { prepareDirectory, writeInto } from './files.ts';
import { interruptible } from './interrupt.ts';
import { budgetOption, knownOption, lawOption, outOption, ovsRootOption, reporterOption, runsOption, seedOption, shardOption, subjectOption, terrainOption, workersOption } from './options.ts';
import type { Reporter } from './options.ts';
import { conclude, printHead } from './report.ts';
import { wrapped } from './wrapper.ts';

type Options = {
  readonly subject: SubjectName;
  readonly ovsRoot?: string;
  readonly law: readonly string[];
  readonly seed: number;
  readonly terrain: Terrain;
  readonly runs?: number;
  readonly budget?: number;
  readonly workers?: number;
  readonly shard: Shard;
  readonly reporter: readonly Reporter[];
  readonly out: string;
  readonly known?: readonly Finding[];
};

/** As many traces as find what there is to find in a minute or so. */
const DEFAULT_RUNS: Record<SubjectName, number> = { engine: 20_000, model: 2000, linux: 2000, ovs: 2000 };

export const verifyCommand = (): Command =>
  new Command('verify')
    .description('Run the laws against a subject.')
    .addOption(subjectOption())
    .addOption(ovsRootOption())
    .addOption(lawOption())
    .addOption(seedOption())
    .addOption(terrainOption())
    .addOption(runsOption())
    .addOption(budgetOption())
    .addOption(workersOption())
    .addOption(shardOption())
    .addOption(reporterOption())
    .addOption(outOption())
    .addOption(knownOption())
    .addHelpText(
      'after',
      `
Without --runs: ${Object.entries(DEFAULT_RUNS).map(([name, runs]) => `${runs} traces of ${name}`).join(', ')}.
With --known, violations that come down to findings of that directory are counted and do not fail the run; each finding
that applies to the subject's version is replayed first, and one that no longer shows leaves the run inconclusive.
The same seed prints the same bytes, with any number of workers; with --budget it does not.
A trace that takes a worker 60 s, twice, counts as a hang. Foreign subjects get one worker unless more are asked for.

Examples:
  zoneproof verify
  zoneproof verify --subject model --law solitude --law identity --runs 500
  zoneproof verify --seed 7 --shard 2/4 --out shard-2
  zoneproof verify --subject linux --terrain shipped
  zoneproof verify --subject linux --terrain shipped --known golden/findings
  zoneproof verify --subject ovs --ovs-root /opt/ovs-3.5
  zoneproof verify --budget 10m --reporter jsonl`,
    )
    .action((options: Options) => verifyAction(options));

const verifyAction = async (options: Options): Promise<void> => {
  const plan = planOf(options);
  if (await wrapped(plan.subject)) return;
  const { out } = options;
  prepareDirectory(out);
  await interruptible(async (signal) => {
    const pool = await poolOf(plan, options);
    try {
      printHead({ zoneproof: VERSION, plan, description: pool.description }, options.reporter);
      const startMs = performance.now();
      const meter = progressMeter(process.stderr, () => performance.now());
      const result = await verify(plan, pool, { watch: (progress) => meter.show(progress), signal, timeIsUp: timeFor(plan) });
      meter.end();
      if (plan.shard.of > 1 && !result.interrupted) writeInto(out, shardFileName(result), shardText(result));
      conclude(result, options.reporter, out);
      process.stderr.write(`${environmentLine(result.tally.traces, performance.now() - startMs)}\n`);
    } finally {
      await pool.close();
    }
  });
};

/** Whether a plan's time is used up, which runs from the first time that this is asked. */
const timeFor = ({ budgetMs }: Plan): (() => boolean) => {
  let startMs: number | undefined;
  return () => {
    startMs ??= performance.now();
    return budgetMs !== undefined && performance.now() - startMs >= budgetMs;
  };
};

const planOf = ({ subject, ovsRoot, law, seed, terrain, runs, budget, shard }: Options): Plan => {
  if (budget !== undefined && runs !== undefined) throw new BadInput('--runs and --budget exclude each other; give one of them.');
  if (budget !== undefined && shard.of > 1) throw new BadInput('--budget and --shard exclude each other, because such shards could not be merged; give --runs.');
  return {
    subject,
    laws: lawsNamed(law).map(({ id }) => id),
    asked: law.length > 0,
    seed,
    terrain,
    ...(ovsRoot === undefined ? {} : { ovsRoot }),
    runs: budget === undefined ? (runs ?? DEFAULT_RUNS[subject]) : Number.MAX_SAFE_INTEGER,
    ...(budget === undefined ? {} : { budgetMs: budget }),
    shard: shard.of === 1 ? WHOLE : shard,
  };
};

/** A foreign subject gets one thread unless more are asked for: it may have to share what it drives. */
const poolOf = ({ subject, laws, seed, terrain, ovsRoot }: Plan, { workers, known = [] }: Options): Promise<Pool> =>
  workerPool({
    subject,
    laws,
    seed,
    terrain,
    known,
    ...(ovsRoot === undefined ? {} : { ovsRoot }),
    workers: workers ?? (subject === 'linux' || subject === 'ovs' ? 1 : Math.min(2, availableParallelism())),
  });

/** Nothing in it is the same twice, so it goes to stderr. */
const environmentLine = (traces: number, elapsedMs: number): string =>
  `node ${process.version}, ${process.platform} ${process.arch}: ${(elapsedMs / 1000).toFixed(1)} s, ${((traces * 1000) / elapsedMs).toFixed(0)} traces/s`;
