/**
 * `zoneproof explain`: a trace as a story, rule by rule.
 */
import { Command } from 'commander';
import { accountOf } from '../../properties/account.ts';
import { REFERENCE } from '../../spec/index.ts';
import { story } from '../report/story.ts';
import { readInput } from './input.ts';
import type { CaptureOptions } from './input.ts';
import { seedOption, zonesOption } from './options.ts';
import { print } from './print.ts';

const WIDTH = 120;

export const explainCommand = (): Command =>
  new Command('explain')
    .description('Tell a trace as a story: one lane a tenant, what the model says, and the rules by which it says so.')
    .argument('<file>', 'a trace, a golden pcapng, or any capture')
    .option('--no-rules', 'leave out what each rule says')
    .addOption(zonesOption())
    .addOption(seedOption())
    .addHelpText('after', '\nExample:\n  zoneproof explain zoneproof-out/solitude-state-3f2a81c09b7e.trace.json')
    .action((file: string, { rules, ...capture }: CaptureOptions & { readonly rules: boolean }) => {
      const { trace, notes } = readInput(file, capture);
      const told = story(trace, accountOf(trace, REFERENCE), { width: WIDTH, sentences: rules });
      print(notes.length === 0 ? told : [...notes, '', ...told]);
    });
