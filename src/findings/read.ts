/**
 * Findings on disk: those of a directory, and the ledger that comes with this package.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readBytes } from '../cli/files.ts';
import { BadInput } from '../gate/errors.ts';
import type { Finding } from '../gate/finding.ts';
import { findingsIn } from '../gate/finding-file.ts';
import { packageRoot } from '../golden/files.ts';

/** Where the ledger is, from the root of the package. */
export const LEDGER = 'golden/findings';

/** In the order of their names. @throws BadInput with one sentence. */
export const readFindings = (directory: string): readonly Finding[] =>
  findingsIn({
    path: directory.replace(/(?<=.)\/+$/, ''),
    names: namesIn(directory),
    read: (name, limitBytes) => new TextDecoder().decode(readBytes(join(directory, name), limitBytes)),
  });

/** Those that come with this package. */
export const readLedger = (): readonly Finding[] => readFindings(join(packageRoot(), LEDGER));

const namesIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory);
  } catch (error) {
    throw new BadInput(`${directory} is not a directory that can be read; give a directory of findings, such as ${LEDGER}.`, { cause: error });
  }
};
