/**
 * The tables on the model and on the engine; test/linux plays them on a kernel.
 */
import { expect, test } from 'vitest';
import { run } from '../../properties/run.ts';
import { engineSubject } from '../../src/subjects/engine.ts';
import { modelSubject } from '../../src/subjects/model.ts';
import { completeIn, rows, traceOf } from './fragments.ts';
import { icmpRows, stateOf } from './icmp.ts';
import { wayOf, ways } from './ways.ts';

for (const subject of [modelSubject(), engineSubject()]) {
  test.each(rows)(`${subject.name}, fragments: $row`, async (row) => {
    expect(completeIn(await run(subject, traceOf(row)))).toEqual(row.complete);
  });

  test.each(ways)(`${subject.name}, ways: $row`, async ({ trace, expected }) => {
    expect((await run(subject, trace)).map(wayOf)).toEqual(expected);
  });

  test.each(icmpRows)(`${subject.name}, ICMP: $row`, async ({ trace, expected }) => {
    expect((await run(subject, trace)).map(stateOf)).toEqual(expected);
  });
}
