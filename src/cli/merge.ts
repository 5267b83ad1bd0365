/**
 * `zoneproof merge`: the shards of a run put together, as if it had been run in one.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { BadInput } from '../gate/errors.ts';
import { merge } from '../gate/merge.ts';
import type { NamedShard } from '../gate/merge.ts';
import { parseShard, SHARD_FILE_BYTES, SHARD_FILE_NAME } from '../gate/shard-file.ts';
import { readBytes } from './files.ts';
import { outOption, reporterOption } from './options.ts';
import type { Reporter } from './options.ts';
import { conclude, printHead } from './report.ts';

export const mergeCommand = (): Command =>
  new Command('merge')
    .description('Put the shards of a run together: prints what the whole run prints.')
    .argument('<dir...>', 'directories that verify --shard wrote to')
    .addOption(reporterOption())
    .addOption(outOption())
    .addHelpText('after', '\nExample:\n  zoneproof verify --shard 1/2 --out a; zoneproof verify --shard 2/2 --out b; zoneproof merge a b')
    .action((directories: readonly string[], { reporter, out }: { readonly reporter: readonly Reporter[]; readonly out: string }) => {
      const result = merge(directories.flatMap(shardsIn));
      printHead(result, reporter);
      conclude(result, reporter, out);
    });

const shardsIn = (directory: string): readonly NamedShard[] =>
  namesIn(directory)
    .filter((name) => SHARD_FILE_NAME.test(name))
    .toSorted()
    .map((name) => {
      const file = path.join(directory, name);
      return { file, result: parseShard(new TextDecoder().decode(readBytes(file, SHARD_FILE_BYTES)), file) };
    });

const namesIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory);
  } catch (error) {
    throw new BadInput(`${directory} is not a directory that can be read; name the directories that verify --shard wrote.`, { cause: error });
  }
};
