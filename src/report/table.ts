/**
 * Tables in plain text: columns as wide as their widest cell, and paint that the width does not count.
 */
import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** Gives text a colour, or leaves it alone. */
export type Paint = (style: Style, text: string) => string;

export const plainPaint: Paint = (_, text) => text;

export const colourPaint: Paint = (style, text) => styleText(style, text);

export type Column = { readonly title: string; readonly align?: 'right' };

/** One line a row under a line of titles. The last column is not padded; `paint` sees a cell's row, column and padded text. */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paint: (row: number, column: number, text: string) => string,
): readonly string[] => {
  const all = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, place) => Math.max(...all.map((row) => (row[place] ?? '').length)));
  return all.map((row, line) =>
    row
      .map((cell, place) => {
        const width = place === columns.length - 1 ? 0 : (widths[place] ?? 0);
        return paint(line - 1, place, columns[place]?.align === 'right' ? cell.padStart(width) : cell.padEnd(width));
      })
      .join('  ')
      .trimEnd(),
  );
};

/** Words on lines of at most `width` characters; a longer word is cut. */
export const wrap = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (line.length > width) {
      lines.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  return line === '' ? lines : [...lines, line];
};

/** At most `width` characters. */
export const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, Math.max(0, width - 2))}..`);
