/** What each tenant sees together with the others, compared with what it sees alone: the heart of several laws. */
import { firstDifferenceOfRuns } from '../../spec/outcome.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import type { Breach } from '../law.ts';
import { run } from '../run.ts';
import type { Subject } from '../subject.ts';
import { onlyOf, seenBy, tenantsOf } from '../tenants.ts';

type View = (outcomes: readonly Outcome[]) => readonly Outcome[];
const everything: View = (outcomes) => outcomes;

/**
 * The first breach of any tenant, or undefined. `stage` changes the trace in which a tenant is alone, `view` both
 * accounts before they are compared.
 */
export const breachOfSolitude = async (
  subject: Subject,
  trace: Trace,
  view: View = everything,
  stage: (trace: Trace) => Trace = (trace) => trace,
): Promise<Breach | undefined> => {
  const together = await run(subject, trace);
  for (const tenant of tenantsOf(trace)) {
    const staged = stage(onlyOf(tenant, trace));
    const alone = await run(subject, staged);
    const difference = firstDifferenceOfRuns(view(seenBy(tenant, trace, alone, staged.network)), view(seenBy(tenant, trace, together)));
    if (difference) return { ...difference, tenant };
  }
  return undefined;
};
