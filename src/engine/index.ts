/**
 * The optimised engine: a conntrack with zones, UDP over IPv4 with fragments. Bytes in, verdict out.
 */
export { assignedWord } from './devices.ts';
export { Engine } from './engine.ts';
export { DEFAULT_LIMITS, type Limits } from './limits.ts';
export { pieceOf, type Fate, type Pass, type Verdict } from './verdict.ts';
