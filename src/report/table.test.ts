/** Columns line up whatever is painted, and text is wrapped without loss. */
import { expect, test } from 'vitest';
import { cut, table, wrap } from './table.ts';

test('columns are as wide as their widest cell, paint not counted', () => {
  const painted = table([{ title: 'a' }, { title: 'number', align: 'right' }, { title: 'b' }], [['long cell', '1', 'x'], ['', '1000', '']], (row, column, text) => (row === 0 && column === 0 ? `<${text}>` : text));
  expect(painted).toEqual(['a          number  b', '<long cell>       1  x', '             1000']);
});

test('wrapped words are all there, and no line is too long', () => {
  const text = 'some words and averyverylongwordthatfitsnowhere at all';
  const lines = wrap(text, 10);
  expect(lines.every((line) => line.length <= 10)).toBe(true);
  expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
  expect(wrap('', 10)).toEqual([]);
});

test('what is cut says so', () => {
  expect(cut('abcdef', 6)).toBe('abcdef');
  expect(cut('abcdefg', 6)).toBe('abcd..');
});
