/**
 * The contract of a law: a sentence about any implementation, checked on one trace.
 */
import { ASPECTS } from '../spec/outcome.ts';
import type { EventId } from '../spec/trace/event.ts';
import type { Trace } from '../spec/trace/trace.ts';
import type { Capabilities, MaybePromise, Subject } from './subject.ts';
import type { Boundary } from './tenants.ts';

/** What a subject must be able to do, or the law is not checked on it. */
export type Need = 'labels' | 'clock' | 'raw bytes' | 'control' | 'dump' | 'nat' | 'pairs' | 'limits';

/** What a law can find wrong. */
export const BREACHES = [...ASPECTS, 'completion', 'colour', 'crash'] as const;

/** Where an account parts from what the law demands. `what` is part of the signature: one bug, one kind. */
export type Breach = {
  readonly what: (typeof BREACHES)[number];
  readonly event: EventId;
  /** Whose isolation broke, where the law can tell. */
  readonly tenant?: number;
  /** What the network does that lets the law break; only on a terrain where laws are put beyond their boundary. */
  readonly beyond?: string;
  /** Short texts for a person. */
  readonly expected: string;
  readonly seen: string;
};

/** Breaches of one law that are counted and reduced as one kind. */
export const kindOf = ({ what, beyond }: { readonly what: string; readonly beyond?: string }): string =>
  beyond === undefined ? what : `${what}: ${beyond}`;

export type Verdict =
  | { readonly kind: 'held' }
  /** The trace says nothing about the law. */
  | { readonly kind: 'premise not met' }
  | { readonly kind: 'violated'; readonly breach: Breach };

export type Check = (subject: Subject, trace: Trace) => MaybePromise<Verdict>;

/** A way to break a law on purpose. The gate must find it with the law's own check, or the law's result is blind. */
export type Canary = {
  readonly id: string;
  readonly sentence: string;
  /** Whether this canary can be had on a subject of these capabilities. */
  readonly fits: (capabilities: Capabilities) => boolean;
  /** What it needs occurs on the terrain `apart` only. */
  readonly apart?: true;
  readonly check: Check;
  /** What is played in place of a trace, if the canary changes traces: for a person to look at. */
  readonly played?: (trace: Trace) => Trace | undefined;
};

export interface Law {
  readonly id: string;
  /** One English sentence. */
  readonly sentence: string;
  readonly needs: readonly Need[];
  /** Why there is nothing to put it on where it is put, whatever the subject can do. */
  readonly unmet?: string;
  /** Outside this the law may fail for good reasons, so neither generator nor reducer goes there; else the reason. */
  readonly boundary: Boundary;
  check: Check;
  readonly canaries: readonly Canary[];
}

export const held: Verdict = { kind: 'held' };
export const premiseNotMet: Verdict = { kind: 'premise not met' };
export const violated = (breach: Breach): Verdict => ({ kind: 'violated', breach });
