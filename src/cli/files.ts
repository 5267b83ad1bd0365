/**
 * Files: read with a limit, written into a directory that is made. What goes wrong is one sentence.
 */
import { accessSync, constants, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BadInput } from '../gate/errors.ts';

/** @throws BadInput if the file is missing, unreadable, empty or above the limit. */
export const readBytes = (file: string, limitBytes: number): Uint8Array => {
  const { size } = attempt(() => {
    const stat = statSync(file);
    if (!stat.isFile()) throw Object.assign(new Error('not a file'), { code: 'EISDIR' });
    return stat;
  }, `${file} cannot be read`);
  if (size === 0) throw new BadInput(`${file} is empty; give a trace or a capture.`);
  if (size > limitBytes) throw new BadInput(`${file} has ${size} bytes; give a file of at most ${limitBytes}.`);
  return attempt(() => readFileSync(file), `${file} cannot be read`);
};

/** Makes a directory, so that a run does not end with nowhere to write to. @throws BadInput if nothing can be written there. */
export const prepareDirectory = (directory: string): void => {
  attempt(() => {
    makeDirectory(directory);
    accessSync(directory, constants.W_OK);
  }, `${directory} cannot be written to`);
};

/** @throws BadInput if it cannot be written. */
export const writeInto = (directory: string, name: string, content: string | Uint8Array): void => {
  attempt(() => {
    makeDirectory(directory);
    writeFileSync(path.join(directory, name), content);
  }, `${path.join(directory, name)} cannot be written`);
};

/** With all above it, one at a time: Node's own way never comes back from places where nothing can be made, as under /proc. */
const makeDirectory = (directory: string): void => {
  const there = statSync(directory, { throwIfNoEntry: false });
  if (there?.isDirectory()) return;
  if (there) throw Object.assign(new Error('not a directory'), { code: 'EEXIST' });
  makeDirectory(path.dirname(path.resolve(directory)));
  mkdirSync(directory);
};

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; check the path',
  ENOTDIR: 'a part of its path is not a directory; check the path',
  EISDIR: 'it is not a file; name a file',
  EEXIST: 'a part of its path is not a directory; choose another place',
  EACCES: 'it may not be opened; check its permissions',
  EROFS: 'the file system is read-only; choose another place with --out',
  ENOSPC: 'the disk is full; make room',
};

const attempt = <T>(action: () => T, what: string): T => {
  try {
    return action();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error';
    throw new BadInput(`${what}: ${REASONS[code] ?? `${code}; check the path`}.`, { cause: error });
  }
};
