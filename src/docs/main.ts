/**
 * `npm run docs`: writes the lists into the pages, and the status page.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { statusPage, STATUS_PAGE } from '../status/page.ts';
import { readRecords } from '../status/record.ts';
import { PAGES, withLists } from './lists.ts';

writeFileSync(STATUS_PAGE, statusPage(readRecords()));
for (const page of PAGES) writeFileSync(page, withLists(readFileSync(page, 'utf8')));
