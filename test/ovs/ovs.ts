/**
 * Open vSwitch for tests: the subject, or why it is not checked.
 */
import { afterAll, type TestContext } from 'vitest';
import type { Subject } from '../../properties/subject.ts';
import { openOvs, Unavailable } from '../../src/subjects/ovs/index.ts';

const ovs = await openOvs().catch((error: unknown) => {
  if (error instanceof Unavailable) return error;
  throw error;
});
afterAll(() => (ovs instanceof Unavailable ? undefined : ovs.close()));

/** The system's Open vSwitch, or the test ends here as skipped with its reason. */
export const ovsOr = (skip: TestContext['skip']): Subject => {
  if (ovs instanceof Unavailable) return skip(`not checked: ${ovs.message}`);
  return ovs;
};
