/**
 * Printing: lines on stdout, with colours only where a person looks.
 */
import { colourPaint, plainPaint } from '../report/table.ts';
import type { Paint } from '../report/table.ts';

/** https://no-color.org: any value but the empty one. */
export const stdoutPaint = (): Paint => (process.stdout.isTTY && !process.env['NO_COLOR'] ? colourPaint : plainPaint);

export const print = (lines: readonly string[]): void => {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
};
