/**
 * `npm run status`: one run for each subject that can run here, recorded beside the specification.
 *
 * Source of the numbers: `zoneproof verify` with seed 1, whose result is the same wherever it runs; a kernel answers for
 * its own version.
 */
import { parseArgs } from 'node:util';
import { Inconclusive, messageOf } from '../gate/errors.ts';
import { laws } from '../../properties/laws/index.ts';
import { type SubjectName, SUBJECTS } from '../gate/open.ts';
import { WHOLE } from '../gate/plan.ts';
import { verify } from '../gate/verify.ts';
import { workerPool } from '../gate/worker-pool.ts';
import { progressMeter } from '../report/progress.ts';
import { recordOf, writeRecord } from './record.ts';

const SEED = 1;
const RUNS = '20000';

const record = async (subject: SubjectName, runs: number): Promise<void> => {
  const plan = { subject, laws: laws.map(({ id }) => id), asked: false, seed: SEED, terrain: 'apart', runs, shard: WHOLE } as const;
  const pool = await workerPool({ ...plan, workers: 2 });
  try {
    const meter = progressMeter(process.stderr, () => performance.now());
    const result = await verify(plan, pool, { watch: (progress) => meter.show(progress), signal: new AbortController().signal, timeIsUp: () => false });
    meter.end();
    writeRecord(recordOf(result));
    process.stdout.write(`${subject} ${pool.description.version}: ${runs} traces recorded\n`);
  } finally {
    await pool.close();
  }
};

const { values } = parseArgs({ options: { runs: { type: 'string', default: RUNS }, subject: { type: 'string', multiple: true } } });
for (const subject of SUBJECTS.filter((name) => values.subject?.includes(name) ?? true)) {
  try {
    await record(subject, Number(values.runs));
  } catch (error) {
    if (!(error instanceof Inconclusive)) throw error;
    process.stdout.write(`${subject} is not checked: ${messageOf(error)}\n`);
  }
}
