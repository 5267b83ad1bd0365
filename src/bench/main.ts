/**
 * `npm run bench`: how fast the engine is beside an idiomatic tracker, and where the time of `verify` goes.
 */
import { cpus, release } from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { prepareDirectory, writeInto } from '../cli/files.ts';
import { print, stdoutPaint } from '../cli/print.ts';
import { BadInput, messageOf } from '../gate/errors.ts';
import { EXIT } from '../gate/summary.ts';
import { measure } from './measure.ts';
import { type Report, reportLines } from './report.ts';
import { measureVerify } from './verify.ts';
import { GROUPS, WORKLOADS } from './workload.ts';

const PARTS = [...GROUPS, 'verify'] as const;
type Part = (typeof PARTS)[number];

type Options = { readonly only: readonly Part[]; readonly rounds: number; readonly json?: string };

const command = (): Command =>
  new Command('npm run bench --')
    .description('Measure the engine beside an idiomatic tracker (a Map with string keys), and the gate on every subject that can run here.')
    .addOption(
      new Option('--only <part>', `${PARTS.join(', ')}; may be given more than once`).default([], 'all').argParser((text: string, before: readonly Part[]) => {
        const part = PARTS.find((known) => known === text);
        if (part === undefined) throw new InvalidArgumentError(`Give one of ${PARTS.join(', ')}.`);
        return [...before, part];
      }),
    )
    .addOption(
      new Option('--rounds <n>', 'how often everything is measured').default(5).argParser((text) => {
        if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
        throw new InvalidArgumentError('Give a whole number from 1 to 999.');
      }),
    )
    .option('--json <file>', 'every number of every round, for machines')
    .addHelpText(
      'after',
      `
Takes one to two minutes, and 2 GB of memory for a million connections. No result is judged: numbers of two machines,
or of a busy one, do not compare.

Examples:
  npm run bench
  npm run bench -- --only established --only zones --rounds 9
  npm run bench -- --json bench.json`,
    )
    .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.held : EXIT.usage))
    .action(bench);

const bench = async ({ only, rounds, json }: Options): Promise<void> => {
  if (json !== undefined) prepareDirectory(path.dirname(json));
  const wanted = (part: Part): boolean => only.length === 0 || only.includes(part);
  const packets = GROUPS.filter(wanted).flatMap((group) =>
    WORKLOADS[group].map((build) => {
      const workload = build();
      return measure(workload, rounds, (what) => show(`${workload.name}: ${what}`));
    }),
  );
  const traces = wanted('verify') ? await measureVerify(rounds, (what) => show(`verify: ${what}`)) : [];
  show('');
  const report: Report = { environment: environment(), rounds, packets, traces };
  if (json !== undefined) writeInto(path.dirname(json), path.basename(json), `${JSON.stringify(report, undefined, 2)}\n`);
  print(reportLines(report, stdoutPaint()));
};

const environment = (): Report['environment'] => {
  const processors = cpus();
  return { node: process.version, platform: `${process.platform} ${process.arch}`, processor: processors[0]?.model.trim() ?? 'unknown processor', cores: processors.length, kernel: release() };
};

/** One line that changes, on a terminal only. */
const show = (line: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r${line}\u001B[K`);
};

try {
  await command().parseAsync();
} catch (error) {
  show('');
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = error instanceof BadInput ? EXIT.usage : EXIT.inconclusive;
}
