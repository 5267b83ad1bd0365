/**
 * The tables on a live kernel: every row was measured there once, and is measured again in every run.
 */
import { expect, test } from 'vitest';
import { run } from '../../properties/run.ts';
import { completeIn, rows, traceOf } from '../tables/fragments.ts';
import { icmpRows, stateOf } from '../tables/icmp.ts';
import { wayOf, ways } from '../tables/ways.ts';
import { kernelOr } from './kernel.ts';

test.for(rows)('linux, fragments: $row', async (row, { skip }) => {
  expect(completeIn(await run(kernelOr(skip), traceOf(row)))).toEqual(row.complete);
});

test.for(ways)('linux, ways: $row', async ({ trace, expected }, { skip }) => {
  expect((await run(kernelOr(skip), trace)).map(wayOf)).toEqual(expected);
});

test.for(icmpRows)('linux, ICMP: $row', async ({ trace, expected }, { skip }) => {
  expect((await run(kernelOr(skip), trace)).map(stateOf)).toEqual(expected);
});
