/**
 * Terrain: where traffic is set, and how far laws reach there.
 *
 * `apart`: mostly networks that keep tenants apart as the RFC means it, and some that do not. `shipped`: machines that
 * nobody tuned, with zones assigned before or after defragmentation, as rules happen to be written, a fragment distance
 * of 64, and now and then a memory for fragments that is nearly full. In the first terrain a law keeps within its
 * boundary; in the second it is put on what people run.
 */
import { type Law, violated } from './law.ts';
import { wellSetUp } from './remedies.ts';

export const TERRAINS = ['apart', 'shipped'] as const;

export type Terrain = (typeof TERRAINS)[number];

/** The law as it is put on a terrain. */
export const onTerrain = (law: Law, terrain: Terrain): Law => (terrain === 'apart' ? law : beyondItsBoundary(law));

/** The law on all machines that could be set up so that it must hold, which is what its boundary looks at; a breach says what was not. */
const beyondItsBoundary = (law: Law): Law => ({
  ...law,
  ...(law.needs.includes('nat') && { unmet: 'nothing is translated on this terrain' }),
  ...(law.needs.includes('limits') && { unmet: 'connections have no limit on this terrain' }),
  canaries: law.canaries.filter(({ apart }) => !apart),
  boundary: (trace, capabilities) => law.boundary(wellSetUp(trace), capabilities),
  check: async (subject, trace) => {
    const verdict = await law.check(subject, trace);
    const inside = law.boundary(trace, subject.capabilities);
    return verdict.kind === 'violated' && inside !== true ? violated({ ...verdict.breach, beyond: inside }) : verdict;
  },
});
