/**
 * Sequence numbers: they count in a circle of 2^32, and each half of it is before the other.
 *
 * Source: RFC 9293 section 3.4; before(), after().
 */

/** 0..2^32-1. */
export type Sequence = number;

export const before = (a: Sequence, b: Sequence): boolean => ((a - b) | 0) < 0;

export const after = (a: Sequence, b: Sequence): boolean => before(b, a);

/** Forward by a number, or back by a negative one. */
export const plus = (sequence: Sequence, number: number): Sequence => (sequence + number) >>> 0;
