/**
 * The pages say what the code says.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ruleIds } from '../../spec/rules.ts';
import { statusPage, STATUS_PAGE } from '../../src/status/page.ts';
import { readRecords } from '../../src/status/record.ts';
import { PAGES, withLists } from '../../src/docs/lists.ts';

test.each(PAGES)('the lists in %s are those of the code: npm run docs', (page) => {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  expect(text).toBe(withLists(text));
  expect(text).toMatch(/<!-- \/[a-z]+ -->/);
});

test('the status page is that of its records: npm run docs', () => {
  const page = readFileSync(new URL(`../../${STATUS_PAGE}`, import.meta.url), 'utf8');
  expect(page).toBe(statusPage(readRecords()));
  for (const rule of ruleIds) expect(page).toContain(`| \`${rule}\` |`);
});

test('a list that is out of date is seen', () => {
  expect(withLists('<!-- laws -->\nnone\n<!-- /laws -->')).toContain('| solitude |');
  expect(() => withLists('<!-- nothing -->\n<!-- /nothing -->')).toThrow(/no list "nothing"/);
});
