/**
 * `zoneproof replay`: one trace, played on a subject and put before every law.
 */
import { Command } from 'commander';
import { judge } from '../gate/judge.ts';
import { openKit } from '../gate/open.ts';
import type { SubjectName } from '../gate/open.ts';
import type { Terrain } from '../../properties/terrain.ts';
import { replayLines, verdictOf } from '../report/replay.ts';
import { readInput } from './input.ts';
import type { CaptureOptions } from './input.ts';
import { lawOption, ovsRootOption, seedOption, subjectOption, terrainOption, zonesOption } from './options.ts';
import { print, stdoutPaint } from './print.ts';
import { wrapped } from './wrapper.ts';

type Options = CaptureOptions & { readonly subject: SubjectName; readonly ovsRoot?: string; readonly law: readonly string[]; readonly terrain: Terrain };

export const replayCommand = (): Command =>
  new Command('replay')
    .description('Play a trace on a subject and judge it by the laws.')
    .argument('<file>', 'a trace, a golden pcapng, or any capture')
    .addOption(subjectOption())
    .addOption(ovsRootOption())
    .addOption(lawOption())
    .addOption(terrainOption())
    .addOption(zonesOption())
    .addOption(seedOption().default(1, 'for a capture: which zone ids and which order'))
    .addHelpText(
      'after',
      `
Examples:
  zoneproof replay zoneproof-out/solitude-state-3f2a81c09b7e.trace.json --subject engine --law solitude
  zoneproof replay dns.pcap --zones 4 --subject linux`,
    )
    .action((file: string, options: Options) => replayAction(file, options));

const replayAction = async (file: string, { subject, ovsRoot, law, terrain, ...capture }: Options): Promise<void> => {
  const { trace, notes } = readInput(file, capture);
  if (await wrapped(subject)) return;
  const kit = await openKit({ subject, laws: law, seed: capture.seed, terrain, ...(ovsRoot === undefined ? {} : { ovsRoot }) });
  try {
    const judgement = await judge(kit, trace);
    const { exitCode, sentence } = verdictOf(judgement, { asked: law.length > 0, subject });
    const paint = stdoutPaint();
    print([...notes, ...(notes.length > 0 ? [''] : []), ...replayLines(trace, judgement, paint), paint(exitCode === 0 ? 'green' : 'red', sentence)]);
    process.exitCode = exitCode;
  } finally {
    await kit.subject.close();
  }
};
