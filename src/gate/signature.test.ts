/** One bug, one signature: names of events and sentences do not count. */
import { expect, test } from 'vitest';
import { CAPABILITIES } from '../../properties/fakes.ts';
import { traceFor } from '../../properties/generate/index.ts';
import { isReaction } from '../../spec/trace/reaction.ts';
import { signatureOf } from './signature.ts';

test('ids and sentences do not count, everything else does', () => {
  for (let index = 0; index < 20; index += 1) {
    const trace = traceFor(1, index, CAPABILITIES);
    const signature = signatureOf('solitude', 'state', trace);
    const events = trace.events.map((event) => (isReaction(event) ? { ...event, id: event.id * 3 + 5, to: event.to * 3 + 5 } : { ...event, id: event.id * 3 + 5 }));
    expect(signatureOf('solitude', 'state', { ...trace, about: 'Something else.', events })).toBe(signature);
    expect(signatureOf('solitude', 'zone', trace)).not.toBe(signature);
    expect(signatureOf('solitude', 'state', { ...trace, events: trace.events.slice(1) })).not.toBe(signature);
  }
});
