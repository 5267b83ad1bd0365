/**
 * Digests: one number for everything that a run saw, whatever the order in which it was seen.
 *
 * Each trace gives a 64-bit hash of its index, its canonical outcomes and the verdicts on them; a run's digest is their
 * sum modulo 2^64, so shards and workers may add in any order.
 */
import { hash } from 'node:crypto';

/** 16 hexadecimal digits. */
export type Digest = string;

export const NO_DIGEST: Digest = '0'.repeat(16);

/** The hash of one trace's part; `value` is plain data whose keys always stand in the same order. */
export const digestOf = (value: unknown): Digest => sha256(JSON.stringify(value)).slice(0, 16);

export const sumOfDigests = (digests: readonly Digest[]): Digest =>
  BigInt.asUintN(64, digests.reduce((sum, digest) => sum + BigInt(`0x${digest}`), 0n)).toString(16).padStart(16, '0');

/** Hexadecimal. */
export const sha256 = (text: string): string => hash('sha256', text, 'hex');
