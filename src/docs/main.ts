/**
 * `npm run docs`: writes the lists into the pages.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { PAGES, withLists } from './lists.ts';

for (const page of PAGES) writeFileSync(page, withLists(readFileSync(page, 'utf8')));
