/**
 * Golden files: what they should be, by the scenarios, and what they are, on disk.
 *
 * Both are found from this package's root, so an installed package checks its own files.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scenarios } from '../../golden/scenarios/index.ts';
import { renderTrace } from './render.ts';

/** By path from the root, with `/`. */
export type Files = ReadonlyMap<string, Uint8Array>;

const FOLDER = 'golden/files';

/** The nearest folder above this file that has a package.json. */
export const packageRoot = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error('There is no package.json above zoneproof; install the package anew.');
    folder = above;
  }
  return folder;
};

/** What the scenarios render to. */
export const wantedFiles = (): Files =>
  new Map(
    Object.entries(scenarios).flatMap(([name, trace]): readonly (readonly [string, Uint8Array])[] => {
      const { json, pcapng } = renderTrace(trace, name, trace.about ?? '');
      return [[`${FOLDER}/${name}.trace.json`, Buffer.from(json, 'utf8')], [`${FOLDER}/${name}.pcapng`, pcapng]];
    }),
  );

/** All that is in the folder of golden files. What is no file counts as an empty one. */
export const presentFiles = (root: string): Files => {
  const folder = join(root, FOLDER);
  const names = existsSync(folder) ? readdirSync(folder).toSorted() : [];
  return new Map(names.map((name) => [`${FOLDER}/${name}`, contentOf(join(root, FOLDER, name))]));
};

const contentOf = (path: string): Uint8Array => (statSync(path).isFile() ? readFileSync(path) : new Uint8Array(0));
