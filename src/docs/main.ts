/**
 * `npm run docs`: writes the lists into the pages, the status page, and what the ledger's traces render to.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { statusPage, STATUS_PAGE } from '../status/page.ts';
import { readRecords } from '../status/record.ts';
import { renderedFiles } from '../findings/page.ts';
import { LEDGER, readLedger } from '../findings/read.ts';
import { PAGES, withLists } from './lists.ts';

writeFileSync(STATUS_PAGE, statusPage(readRecords()));
for (const [name, content] of readLedger().flatMap((finding) => [...renderedFiles(finding)])) writeFileSync(`${LEDGER}/${name}`, content);
for (const page of PAGES) writeFileSync(page, withLists(readFileSync(page, 'utf8')));
