/** Determinism: the same trace gives the same outcomes, again and after other traces. */
import { firstDifferenceOfRuns } from '../../spec/outcome.ts';
import { forgetsToReset } from '../faults.ts';
import { type Canary, type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { run, runFresh } from '../run.ts';
import { activeTenants } from '../tenants.ts';

const check: Check = async (subject, trace) => {
  if (activeTenants(trace).length === 0) return premiseNotMet;
  const difference = firstDifferenceOfRuns(await run(subject, trace), await runFresh(subject, trace));
  return difference ? violated(difference) : held;
};

const noResetBetween: Canary = {
  id: 'no-reset',
  sentence: 'The subject forgets nothing between traces.',
  fits: () => true,
  check: async (subject, trace) => {
    const faulty = forgetsToReset(subject);
    try {
      return await check(faulty, trace);
    } finally {
      await faulty.close();
    }
  },
};

export const determinism: Law = {
  id: 'determinism',
  sentence: 'The same trace gives the same outcomes: again, and after other traces.',
  needs: [],
  boundary: () => true,
  check,
  canaries: [noResetBetween],
};
