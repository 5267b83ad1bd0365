/**
 * What a result of a run leaves: lines on stdout, files, and the exit code.
 */
import path from 'node:path';
import type { Result } from '../gate/result.ts';
import { summarise } from '../gate/summary.ts';
import { artifacts } from '../report/artifacts.ts';
import { jsonlHead, jsonlLines } from '../report/jsonl.ts';
import { headLines, reportLines } from '../report/run-report.ts';
import { writeInto } from './files.ts';
import type { Reporter } from './options.ts';
import { print, stdoutPaint } from './print.ts';

type Head = Pick<Result, 'zoneproof' | 'plan' | 'description'>;

/** Reporters as given, or the default; one always writes to stdout. */
const effective = (reporters: readonly Reporter[]): readonly Reporter[] =>
  reporters.some(({ file }) => file === undefined) ? reporters : [{ format: 'tty' }, ...reporters];

/** Said first, so that a run can be repeated even if it never ends. */
export const printHead = (head: Head, reporters: readonly Reporter[]): void => {
  for (const { format, file } of effective(reporters)) {
    if (file === undefined) print(format === 'tty' ? headLines(head) : [jsonlHead(head)]);
  }
};

/** Prints, writes the files of failures and canaries, and sets the exit code. */
export const conclude = (result: Result, reporters: readonly Reporter[], out: string): void => {
  for (const { name, content } of artifacts(result)) writeInto(out, name, content);
  for (const { format, file } of effective(reporters)) {
    if (file !== undefined) writeInto(path.dirname(file), path.basename(file), `${[jsonlHead(result), ...jsonlLines(result, out)].join('\n')}\n`);
    else print(format === 'tty' ? reportLines(result, out, stdoutPaint()) : jsonlLines(result, out));
  }
  process.exitCode = summarise(result).exitCode;
};
