/**
 * What must hold of any implementation: the contracts, the laws, and traffic to put them on.
 */
export type { Breach, Canary, Check, Law, Verdict } from './law.ts';
export type { Capabilities, Session, Subject } from './subject.ts';
export { traceFor } from './generate/index.ts';
export { laws } from './laws/index.ts';
export { moves } from './reduce.ts';
export { weight } from './weight.ts';
export { run } from './run.ts';
export type { Terrain } from './terrain.ts';
