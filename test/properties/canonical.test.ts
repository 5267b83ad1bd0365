/**
 * Generated packets, and those that the reducer makes of them, say what their bytes say: nothing in a trace contradicts
 * itself.
 */
import { expect, test } from 'vitest';
import { traceFor } from '../../properties/generate/index.ts';
import { moves } from '../../properties/reduce.ts';
import { TERRAINS } from '../../properties/terrain.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { decode, encode } from '../../src/packet/index.ts';
import { modelSubject } from '../../src/subjects/model.ts';

const expectCanonical = ({ events }: Trace): number => {
  for (const event of events) if (event.kind === 'receive') expect(decode(encode(event.packet))).toEqual(event.packet);
  return events.length;
};

test.each(TERRAINS)('every packet is canonical, %s', (terrain) => {
  const { capabilities } = modelSubject();
  let events = 0;
  for (let index = 0; index < 400; index += 1) {
    const trace = traceFor(17, index, capabilities, terrain);
    events += expectCanonical(trace);
    if (index % 40 === 0 && trace.events.length < 40) for (const smaller of moves(trace)) events += expectCanonical(smaller);
  }
  expect(events).toBeGreaterThan(5000);
});
