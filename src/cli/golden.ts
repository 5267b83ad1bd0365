/**
 * `zoneproof golden`: the files that the scenarios render to.
 */
import { Command } from 'commander';
import { changesText, checkGolden, diffGolden, goldenText, updateGolden } from '../golden/index.ts';
import { EXIT } from '../gate/summary.ts';

export const goldenCommand = (): Command => {
  const golden = new Command('golden')
    .description('Check or renew the golden files: traces and pcapngs with the expected outcome of every packet.')
    .addHelpText('after', '\nExamples:\n  zoneproof golden check\n  zoneproof golden diff');
  golden
    .command('check')
    .description('The files are what the scenarios render to, and model and engine do what they say; if not, exit 1.')
    .action(async () => {
      const report = await checkGolden();
      process.stdout.write(goldenText(report));
      process.exitCode = report.problems.length === 0 ? EXIT.held : EXIT.violated;
    });
  golden
    .command('diff')
    .description('Show what update would change.')
    .action(() => void process.stdout.write(changesText(diffGolden())));
  golden
    .command('update')
    .description('Render the scenarios anew, and show what changed by that.')
    .action(() => void process.stdout.write(changesText(updateGolden())));
  return golden;
};
