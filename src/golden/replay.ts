/** Replaying: whether a subject does with a trace what the model, set to its profile, says. */
import { accountOf } from '../../properties/account.ts';
import { runFresh } from '../../properties/run.ts';
import type { Subject } from '../../properties/subject.ts';
import { type Difference, firstDifference, type Trace } from '../../spec/index.ts';

/** Where the two part, if they do. Rejects with a Crash if the subject cannot be played. */
export const replay = async (subject: Subject, trace: Trace): Promise<Difference | undefined> => {
  const seen = await runFresh(subject, trace);
  return firstDifference(accountOf(trace, subject.capabilities.profile, seen), seen);
};
