#!/usr/bin/env node
/**
 * The command line of zoneproof: runs the program, and turns whatever it throws into a sentence and an exit code.
 */
import { CommanderError } from 'commander';
import { asInconclusive, BadInput, messageOf } from '../gate/errors.ts';
import { EXIT } from '../gate/summary.ts';
import { program } from './program.ts';

const exitCodeOf = (error: unknown): number => {
  // Commander has already told its own errors, and help is none.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.held : EXIT.usage;
  process.stderr.write(`zoneproof: ${sentenceOf(error)}\n`);
  if (process.env['ZONEPROOF_DEBUG'] === '1' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return error instanceof BadInput ? EXIT.usage : EXIT.inconclusive;
};

const sentenceOf = (error: unknown): string => {
  if (error instanceof BadInput) return error.message;
  return asInconclusive(error)?.message ?? `this is a bug in zoneproof, please report it: ${messageOf(error)} (ZONEPROOF_DEBUG=1 shows where)`;
};

// A reader that stops reading, as `head` does, ends the output and nothing else.
process.stdout.on('error', () => {});
process.on('uncaughtException', (error) => process.exit(exitCodeOf(error)));

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
