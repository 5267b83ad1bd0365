/**
 * The kernel for tests: the subject, or why it is not checked.
 */
import { afterAll, type TestContext } from 'vitest';
import type { Subject } from '../../properties/subject.ts';
import { openLinux, Unavailable } from '../../src/subjects/linux/index.ts';

const linux = await openLinux().catch((error: unknown) => {
  if (error instanceof Unavailable) return error;
  throw error;
});
afterAll(() => (linux instanceof Unavailable ? undefined : linux.close()));

/** The kernel, or the test ends here as skipped with its reason. */
export const kernelOr = (skip: TestContext['skip']): Subject => {
  if (linux instanceof Unavailable) return skip(`not checked: ${linux.message}`);
  return linux;
};
