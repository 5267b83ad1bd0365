/**
 * The program: all commands of zoneproof.
 */
import { Command } from 'commander';
import { VERSION } from '../version.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { goldenCommand } from './golden.ts';
import { mergeCommand } from './merge.ts';
import { replayCommand } from './replay.ts';
import { verifyCommand } from './verify.ts';

/** Throws a CommanderError instead of ending the process. */
export const program = (): Command => {
  const root = new Command('zoneproof')
    .description('Does a connection-tracking engine keep its zones apart? Laws of isolation, judged on generated and stored traffic.')
    .version(VERSION)
    .addHelpText(
      'after',
      `
Exit codes: 0 held; 1 violated; 2 usage or bad input; 3 inconclusive; 130 interrupted.

Examples:
  zoneproof doctor
  zoneproof verify --subject engine
  zoneproof replay dns.pcap --zones 4 --subject linux`,
    );
  for (const command of [verifyCommand(), mergeCommand(), replayCommand(), goldenCommand(), explainCommand(), doctorCommand()]) {
    root.addCommand(command);
  }
  for (const command of withAll(root)) command.exitOverride();
  return root;
};

const withAll = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(withAll)];
