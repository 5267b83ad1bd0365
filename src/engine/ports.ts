/** Ports in one word: the source port in the upper half, the destination port in the lower. */

/** The ports of an answer. */
export const swapped = (ports: number): number => (ports << 16) | (ports >>> 16);
