/**
 * Signatures: one name for one bug, however it was found.
 */
import { renumbered, type Trace } from '../../spec/trace/trace.ts';
import { sha256 } from './digest.ts';
import { traceText } from './trace-file.ts';

/** A law, a kind of difference, and a reduced trace without what only names it: `solitude-state-3f2a81c09b7e`. */
export const signatureOf = (law: string, what: string, trace: Trace): string =>
  `${law}-${what}-${sha256(traceText(anonymous(trace))).slice(0, 12)}`.replaceAll(' ', '-');

/** Without the sentence about it, and with its events numbered anew. */
const anonymous = ({ version, network, events }: Trace): Trace => renumbered({ version, network, events });
