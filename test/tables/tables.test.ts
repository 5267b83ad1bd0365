/**
 * The tables on the model and on the engine; test/linux plays them on a kernel.
 */
import { expect, test } from 'vitest';
import { run } from '../../properties/run.ts';
import { engineSubject } from '../../src/subjects/engine.ts';
import { modelSubject } from '../../src/subjects/model.ts';
import { controlRows, toldIn } from './control.ts';
import { countingRows, passesIn } from './counting.ts';
import { completeIn, rows, traceOf } from './fragments.ts';
import { protocolRows, statesIn } from './protocols.ts';
import { sctpRows } from './sctp.ts';
import { icmpRows, stateOf } from './icmp.ts';
import { rows6, seen6 } from './ipv6.ts';
import { cellsOf, LIVES_SO_LONG, stateRows, stateTrace, talkOf, talkRows, talkTrace, timerOf, timerRows, timerTrace } from './tcp.ts';
import { natRows, waysOut } from './nat.ts';
import { wayOf, ways } from './ways.ts';
import { zoneRows, zoneSeen } from './zones.ts';

for (const subject of [modelSubject(), engineSubject()]) {
  test.each(rows)(`${subject.name}, fragments: $row`, async (row) => {
    expect(completeIn(await run(subject, traceOf(row)))).toEqual(row.complete);
  });

  test.each(ways)(`${subject.name}, ways: $row`, async ({ trace, expected }) => {
    expect((await run(subject, trace)).map(wayOf)).toEqual(expected);
  });

  test.each(zoneRows)(`${subject.name}, zones: $row`, async ({ trace, expected }) => {
    expect((await run(subject, trace)).map(zoneSeen)).toEqual(expected);
  });

  test.each([...protocolRows('right'), ...sctpRows])(`${subject.name}, protocols: $row`, async (row) => {
    expect(statesIn(row, await run(subject, row.trace))).toEqual(row.expected);
  });

  test.each(icmpRows)(`${subject.name}, ICMP: $row`, async ({ trace, expected }) => {
    expect((await run(subject, trace)).map(stateOf)).toEqual(expected);
  });

  test.each(rows6)(`${subject.name}, IPv6: $row`, async ({ trace, expected }) => {
    expect((await run(subject, trace)).map(seen6)).toEqual(expected);
  });

  test.each(natRows)(`${subject.name}, NAT: $row`, async ({ trace, expected }) => {
    const seen = (await run(subject, trace)).map(waysOut);
    expect(seen).toEqual(expected.map((wanted) => expect.stringMatching(wanted)));
  });

  test.each(countingRows)(`${subject.name}, counting: $row`, async ({ trace, expected }) => {
    expect(passesIn(trace, await run(subject, trace))).toBe(expected);
  });

  test.each(controlRows('right'))(`${subject.name}, control: $row`, async (row) => {
    expect(toldIn(row, await run(subject, row.trace))).toEqual(row.expected);
  });

  test.each(stateRows)(`${subject.name}, TCP states: $row`, async (row) => {
    const told = stateTrace(row);
    expect(cellsOf(told, await run(subject, told.trace))).toBe(row.cells);
  });

  test.each(talkRows)(`${subject.name}, TCP: $row`, async (row) => {
    expect(talkOf(await run(subject, talkTrace(row)))).toBe(row.says);
  });

  test.each(timerRows)(`${subject.name}, TCP timers: $row`, async (row) => {
    expect(timerOf(await run(subject, timerTrace(row)))).toEqual(LIVES_SO_LONG);
  });
}
