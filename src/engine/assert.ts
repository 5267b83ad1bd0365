/**
 * Assertions: what must be true whatever arrives from outside. A failure is a bug of the engine, never of a packet.
 */
export function assert(condition: boolean, because: string): asserts condition {
  if (!condition) throw new Error(`engine: broken assumption: ${because}`);
}
