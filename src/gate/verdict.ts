/**
 * Verdicts on a subject that may crash or hang: to give an answer at all is a law like any other.
 */
import { type Breach, type Check, type Law, type Verdict } from '../../properties/law.ts';
import { Crash } from '../../properties/run.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { asInconclusive, messageOf } from './errors.ts';
import type { Kit } from './kit.ts';

/** A breach of a law, or a subject that gave no answer at all. */
export type Failing = Omit<Breach, 'what'> & { readonly what: Breach['what'] | 'hang' };

/** What of a law is put on a trace. */
export type Judge = Pick<Law, 'id' | 'boundary' | 'check'>;

/** The law that every subject is under without being asked: to give an answer at all. */
export const CRASH = { id: 'crash', sentence: 'A subject answers every trace: it neither crashes nor hangs.' } as const;

/** The same, to be put on traces. */
export const survival = (kit: Kit): Judge => ({
  id: CRASH.id,
  boundary: () => true,
  check: async (subject, trace) => {
    await kit.run(subject, trace);
    return { kind: 'held' };
  },
});

/** A check whose crash is a verdict like any other. A subject that went missing is no verdict and is thrown on. */
export const verdictOf = async (check: Check, kit: Kit, trace: Trace): Promise<Verdict> => {
  try {
    return await check(kit.subject, trace);
  } catch (error) {
    const missing = asInconclusive(error);
    if (missing) throw missing;
    const event = error instanceof Crash ? error.event : (trace.events.at(-1)?.id ?? 0);
    return { kind: 'violated', breach: { what: 'crash', event, expected: 'an outcome for each event', seen: messageOf(error) } };
  }
};
