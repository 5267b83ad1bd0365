/** Golden update and diff: which events and outcomes a change of the scenarios, the model or the rendering changes. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { packageRoot, presentFiles, wantedFiles } from './files.ts';
import { type Story, storyOf } from './story.ts';

export type GoldenChange = {
  /** From the package's root. */
  readonly file: string;
  readonly kind: 'new' | 'changed' | 'gone';
  /** What changed in meaning: a heading, and lines with `-` and `+`. */
  readonly lines: readonly string[];
};

/** What `updateGolden` would write. @param root the package's folder. */
export const diffGolden = (root: string = packageRoot()): readonly GoldenChange[] => {
  const [wanted, present] = [wantedFiles(), presentFiles(root)];
  const written = [...wanted].flatMap(([file, bytes]): readonly GoldenChange[] => {
    const before = present.get(file);
    if (!before) return [{ file, kind: 'new', lines: [] }];
    return Buffer.compare(before, bytes) === 0 ? [] : [{ file, kind: 'changed', lines: changedLines(file, before, bytes) }];
  });
  const gone = [...present.keys()].filter((file) => !wanted.has(file));
  return [...written, ...gone.map((file): GoldenChange => ({ file, kind: 'gone', lines: [] }))];
};

/** Writes what the scenarios render to, removes what belongs to none, and says what changed by that. */
export const updateGolden = (root: string = packageRoot()): readonly GoldenChange[] => {
  const changes = diffGolden(root);
  const wanted = wantedFiles();
  for (const { file } of changes) {
    const path = join(root, file);
    const bytes = wanted.get(file);
    if (bytes) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    } else {
      rmSync(path, { recursive: true });
    }
  }
  return changes;
};

/** The changes for a person. */
export const changesText = (changes: readonly GoldenChange[]): string =>
  changes.length === 0
    ? 'golden: nothing changes\n'
    : changes.map(({ file, kind, lines }) => [`${kind}: ${file}`, ...lines.map((line) => `  ${line}`)].join('\n') + '\n').join('');

const changedLines = (file: string, before: Uint8Array, after: Uint8Array): readonly string[] => {
  if (!file.endsWith('.pcapng')) return [];
  const lines = storyDifference(storyOf(before, file), storyOf(after, file));
  return lines.length === 0 ? ['The events and outcomes are the same; only the rendering changed.'] : lines;
};

const storyDifference = (before: Story, after: Story): readonly string[] => {
  const subjects = new Set([...before.keys(), ...after.keys()]);
  return [...subjects].flatMap((about) => {
    const [old, now] = [before.get(about) ?? [], after.get(about) ?? []];
    const removed = old.filter((line) => !now.includes(line)).map((line) => `- ${line}`);
    const added = now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`);
    if (removed.length + added.length > 0) return [about, ...removed, ...added];
    return isDeepStrictEqual(old, now) ? [] : [about, 'The same lines, in another order or number.'];
  });
};
