/**
 * The tables on a live kernel: every row was measured there once, and is measured again in every run.
 */
import { expect, test } from 'vitest';
import { run } from '../../properties/run.ts';
import { controlRows, toldIn } from '../tables/control.ts';
import { countingRows, passesIn } from '../tables/counting.ts';
import { completeIn, rows, traceOf } from '../tables/fragments.ts';
import { protocolRows, statesIn } from '../tables/protocols.ts';
import { sctpRows } from '../tables/sctp.ts';
import { icmpRows, stateOf } from '../tables/icmp.ts';
import { rows6, seen6 } from '../tables/ipv6.ts';
import { cellsOf, LIVES_SO_LONG, stateRows, stateTrace, talkOf, talkRows, talkTrace, timerOf, timerRows, timerTrace } from '../tables/tcp.ts';
import { natRows, waysOut } from '../tables/nat.ts';
import { wayOf, ways } from '../tables/ways.ts';
import { zoneRows, zoneSeen } from '../tables/zones.ts';
import { kernelOr } from './kernel.ts';

test.for(rows)('linux, fragments: $row', async (row, { skip }) => {
  expect(completeIn(await run(kernelOr(skip), traceOf(row)))).toEqual(row.complete);
});

test.for(ways)('linux, ways: $row', async ({ trace, expected }, { skip }) => {
  expect((await run(kernelOr(skip), trace)).map(wayOf)).toEqual(expected);
});

test.for(zoneRows)('linux, zones: $row', async ({ trace, expected }, { skip }) => {
  expect((await run(kernelOr(skip), trace)).map(zoneSeen)).toEqual(expected);
});

test.for([...protocolRows('as Linux'), ...sctpRows])('linux, protocols: $row', async (row, { skip }) => {
  expect(statesIn(row, await run(kernelOr(skip), row.trace))).toEqual(row.expected);
});

test.for(icmpRows)('linux, ICMP: $row', async ({ trace, expected }, { skip }) => {
  expect((await run(kernelOr(skip), trace)).map(stateOf)).toEqual(expected);
});

test.for(rows6)('linux, IPv6: $row', async ({ trace, expected }, { skip }) => {
  expect((await run(kernelOr(skip), trace)).map(seen6)).toEqual(expected);
});

test.for(natRows)('linux, NAT: $row', async ({ trace, expected }, { skip }) => {
  const seen = (await run(kernelOr(skip), trace)).map(waysOut);
  expect(seen).toEqual(expected.map((wanted) => expect.stringMatching(wanted)));
});

test.for(countingRows)('linux, counting: $row', async ({ trace, expected }, { skip }) => {
  const kernel = kernelOr(skip);
  const why = kernel.capabilities.excludes(trace);
  if (why !== undefined) skip(`not checked: ${why}`);
  expect(passesIn(trace, await run(kernel, trace))).toBe(expected);
});

test.for(controlRows('as Linux'))('linux, control: $row', async (row, { skip }) => {
  expect(toldIn(row, await run(kernelOr(skip), row.trace))).toEqual(row.expected);
});

test.for(stateRows)('linux, TCP states: $row', async (row, { skip }) => {
  const told = stateTrace(row);
  expect(cellsOf(told, await run(kernelOr(skip), told.trace))).toBe(row.cells);
});

test.for(talkRows)('linux, TCP: $row', async (row, { skip }) => {
  expect(talkOf(await run(kernelOr(skip), talkTrace(row)))).toBe(row.says);
});

test.for(timerRows)('linux, TCP timers: $row', async (row, { skip }) => {
  const kernel = kernelOr(skip);
  const why = kernel.capabilities.excludes(timerTrace(row));
  if (why !== undefined) skip(`not checked: ${why}`);
  expect(timerOf(await run(kernel, timerTrace(row)))).toEqual(LIVES_SO_LONG);
});
