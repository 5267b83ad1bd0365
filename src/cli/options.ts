/**
 * Options that commands share, and how their values are read. A bad value is one sentence.
 */
import path from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { TERRAINS } from '../../properties/terrain.ts';
import { lawsNamed, SUBJECTS, subjectNamed } from '../gate/open.ts';
import { messageOf } from '../gate/errors.ts';
import { readFindings } from '../findings/read.ts';
import { WHOLE } from '../gate/plan.ts';
import type { Shard } from '../gate/plan.ts';

/** A parser for whole numbers between two bounds, both included. */
const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };

/** Lets the checks of the gate speak in the way of the command line. */
const checked = <T>(check: (text: string) => T) => (text: string): T => {
  try {
    return check(text);
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
};

export const subjectOption = (): Option =>
  new Option('--subject <name>', `what is judged: ${SUBJECTS.join(', ')}`).default('engine').argParser(checked(subjectNamed));

export const ovsRootOption = (): Option =>
  new Option('--ovs-root <dir>', "for ovs: where another Open vSwitch is installed or unpacked, its own loader and libraries included").argParser(
    (text) => path.resolve(text),
  );

export const lawOption = (): Option =>
  new Option('--law <id>', 'only this law; may be given more than once')
    .default([], 'all')
    .argParser((id: string, before: readonly string[]) => [...before, ...checked((name) => lawsNamed([name]))(id).map((law) => law.id)]);

export const seedOption = (): Option => new Option('--seed <n>', 'which traces are generated').default(1).argParser(wholeNumber(0, 2 ** 32 - 1));

export const terrainOption = (): Option =>
  new Option('--terrain <name>', 'apart: networks set up as the RFC means it; shipped: zones assigned late too, a fragment distance of 64, a memory for fragments that may be nearly full')
    .choices(TERRAINS)
    .default('apart');

export const runsOption = (): Option => new Option('--runs <n>', 'number of traces').argParser(wholeNumber(1, 1_000_000_000));

export const workersOption = (): Option => new Option('--workers <n>', 'threads that judge at the same time').argParser(wholeNumber(1, 64));

export const zonesOption = (): Option =>
  new Option('--zones <n>', 'for a capture: how many zones play it at the same time').default(2).argParser(wholeNumber(1, 31));

export const budgetOption = (): Option =>
  new Option('--budget <time>', 'as many traces as this time of judging allows, such as 60s or 5m, instead of a number').argParser((text) => {
    const [, amount, unit] = /^(\d{1,6})(s|m|h)$/.exec(text) ?? [];
    if (amount === undefined || Number(amount) === 0) throw new InvalidArgumentError('Give a time such as 60s, 5m or 1h.');
    return Number(amount) * (unit === 's' ? 1 : unit === 'm' ? 60 : 3600) * 1000;
  });

export const shardOption = (): Option =>
  new Option('--shard <i/n>', 'only part i of n; zoneproof merge puts the parts together').default(WHOLE, 'all').argParser((text): Shard => {
    const [, index, of] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
    const shard = { index: Number(index), of: Number(of) };
    if (shard.index >= 1 && shard.index <= shard.of) return shard;
    throw new InvalidArgumentError('Give a part such as 1/4, from 1/n to n/n.');
  });

export const outOption = (): Option =>
  new Option('--out <dir>', 'where traces, pcapngs and stories of failures are written')
    .default('zoneproof-out')
    // Names of files are put behind it.
    .argParser((text) => text.replace(/(?<=.)\/+$/, ''));

/** `jsonl:FILE` beside what goes to stdout. */
export type Reporter = { readonly format: 'tty' | 'jsonl'; readonly file?: string };

export const reporterOption = (): Option =>
  new Option('--reporter <name>', 'tty or jsonl on stdout, jsonl:FILE beside it; may be given more than once')
    .default([], 'tty')
    .argParser((text: string, before: readonly Reporter[]): readonly Reporter[] => {
      const [, format, file] = /^(tty|jsonl)(?::(.+))?$/.exec(text) ?? [];
      if (format === 'tty' && file === undefined) return withReporter(before, { format });
      if (format === 'jsonl') return withReporter(before, { format, ...(file === undefined ? {} : { file }) });
      throw new InvalidArgumentError('Give tty, jsonl or jsonl:FILE; other reporters are not available yet.');
    });

const withReporter = (before: readonly Reporter[], reporter: Reporter): readonly Reporter[] => {
  if (reporter.file === undefined && before.some(({ file }) => file === undefined)) {
    throw new InvalidArgumentError('Only one reporter can write to stdout; give the other as jsonl:FILE.');
  }
  return [...before, reporter];
};

export const knownOption = (): Option =>
  new Option('--known <dir>', 'findings that are known: they have to show again, and only what is new fails the run').argParser(checked(readFindings));
