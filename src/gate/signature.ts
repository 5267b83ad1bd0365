/**
 * Signatures: one name for one bug, however it was found.
 */
import type { Trace } from '../../spec/trace/trace.ts';
import { sha256 } from './digest.ts';
import { traceText } from './trace-file.ts';

/** A law, a kind of difference, and a reduced trace without what only names it: `solitude-state-3f2a81c09b7e`. */
export const signatureOf = (law: string, what: string, trace: Trace): string =>
  `${law}-${what}-${sha256(traceText(anonymous(trace))).slice(0, 12)}`.replaceAll(' ', '-');

/** Event ids counted from 0, and no sentence about it. */
const anonymous = ({ version, network, events }: Trace): Trace => {
  const numbers = new Map(events.map(({ id }, index) => [id, index]));
  const renumbered = events.map((event, index) =>
    event.kind === 'answer' ? { ...event, id: index, to: numbers.get(event.to) ?? event.to } : { ...event, id: index },
  );
  return { version, network, events: renumbered };
};
