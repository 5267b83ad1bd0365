/**
 * Tallies: what a number of traces came to, as plain data that can be added in any order.
 */
import { kindOf } from '../../properties/law.ts';
import { refinement } from '../../properties/laws/refinement.ts';
import { digestOf, NO_DIGEST, sumOfDigests } from './digest.ts';
import type { Digest } from './digest.ts';
import type { Judgement, Ruling } from './judge.ts';
import type { Account } from './kit.ts';
import { CRASH, type Failing } from './verdict.ts';

export type Counts = Readonly<Record<string, number>>;

export type Sighting = { readonly index: number; readonly breach: Failing };

/** Violations of one law and one kind. */
export type Sightings = { readonly count: number; /** Rising by index, at most LOWEST. */ readonly lowest: readonly Sighting[] };

export type LawTally = {
  /** Traces inside the law's boundary. */
  readonly judged: number;
  /** Those of them that say something about the law. */
  readonly premise: number;
  /** Traces outside, by reason. */
  readonly outside: Counts;
  /** By kind of difference. */
  readonly violated: Readonly<Record<string, Sightings>>;
  readonly flaky: Readonly<Record<string, Sightings>>;
  /** Traces that broke it for known causes only. */
  readonly known: number;
  /** Those of them in which each finding had a part. */
  readonly findings: Counts;
};

export type Tally = {
  readonly traces: number;
  readonly digest: Digest;
  /** Traces that the subject cannot play, by reason. */
  readonly excluded: Counts;
  /** Traces whose outcomes cannot be compared with the model's, by reason. */
  readonly incomparable: Counts;
  /** Events of which the model says nothing, by reason. */
  readonly unspecified: Counts;
  /** Traces in which each rule of the model fired. */
  readonly rules: Counts;
  /** Those of them in which the outcomes that the rule decided were compared, and agreed. */
  readonly confirmed: Counts;
  readonly laws: Readonly<Record<string, LawTally>>;
};

/** How many violations of one law and kind are kept and reduced; the rest are counted. */
export const LOWEST = 2;

export const NOTHING: Tally = { traces: 0, digest: NO_DIGEST, excluded: {}, incomparable: {}, unspecified: {}, rules: {}, confirmed: {}, laws: {} };

const NO_LAW: LawTally = { judged: 0, premise: 0, outside: {}, violated: {}, flaky: {}, known: 0, findings: {} };

/** The tally of one trace. */
export const tallyOf = (index: number, judgement: Judgement): Tally => {
  if (judgement.kind === 'excluded') {
    return { ...NOTHING, traces: 1, digest: digestOf([index, judgement]), excluded: { [judgement.reason]: 1 } };
  }
  const { outcomes, rulings, incomparable, account } = judgement;
  const rules = rulesIn(account);
  return {
    ...NOTHING,
    traces: 1,
    digest: digestOf([index, outcomes ?? null, [...rulings]]),
    incomparable: incomparable === undefined ? {} : { [incomparable]: 1 },
    unspecified: unspecifiedIn(account),
    rules,
    confirmed: confirmedIn(judgement, rules),
    laws: Object.fromEntries([...rulings].map(([id, ruling]) => [id, lawTallyOf(index, ruling)])),
  };
};

/** A trace on which the subject gave no answer, so that nothing else is known of it. */
export const lostTally = (index: number, breach: Failing): Tally => ({
  ...NOTHING,
  traces: 1,
  digest: digestOf([index, breach.what]),
  laws: { [CRASH.id]: lawTallyOf(index, { kind: 'violated', breach }) },
});

/** All of them in one; in whichever order, it comes to the same. */
export const sumOf = (tallies: readonly Tally[]): Tally => ({
  traces: total(tallies.map(({ traces }) => traces)),
  digest: sumOfDigests(tallies.map(({ digest }) => digest)),
  excluded: sumOfCounts(tallies.map(({ excluded }) => excluded)),
  incomparable: sumOfCounts(tallies.map(({ incomparable }) => incomparable)),
  unspecified: sumOfCounts(tallies.map(({ unspecified }) => unspecified)),
  rules: sumOfCounts(tallies.map(({ rules }) => rules)),
  confirmed: sumOfCounts(tallies.map(({ confirmed }) => confirmed)),
  laws: byName(tallies.map(({ laws }) => laws), sumOfLaw),
});

const confirmedIn = ({ rulings, incomparable, account }: Extract<Judgement, { kind: 'judged' }>, all: Counts): Counts => {
  if (incomparable !== undefined || rulings.get(refinement.id)?.kind !== 'held') return {};
  const specified = account.filter(({ unspecified }) => unspecified === undefined);
  return specified.length === account.length ? all : rulesIn(specified);
};

const lawTallyOf = (index: number, ruling: Ruling): LawTally => {
  if (ruling.kind === 'outside') return { ...NO_LAW, outside: { [ruling.reason]: 1 } };
  const judged = { ...NO_LAW, judged: 1, premise: ruling.kind === 'premise not met' ? 0 : 1 };
  if (ruling.kind === 'known') return { ...judged, known: 1, findings: Object.fromEntries(ruling.findings.map((id) => [id, 1])) };
  if (ruling.kind !== 'violated' && ruling.kind !== 'flaky') return judged;
  const sightings = { count: 1, lowest: [{ index, breach: ruling.breach }] };
  return { ...judged, [ruling.kind]: { [kindOf(ruling.breach)]: sightings } };
};

const sumOfLaw = (tallies: readonly LawTally[]): LawTally => ({
  judged: total(tallies.map(({ judged }) => judged)),
  premise: total(tallies.map(({ premise }) => premise)),
  outside: sumOfCounts(tallies.map(({ outside }) => outside)),
  violated: byName(tallies.map(({ violated }) => violated), sumOfSightings),
  flaky: byName(tallies.map(({ flaky }) => flaky), sumOfSightings),
  known: total(tallies.map(({ known }) => known)),
  findings: sumOfCounts(tallies.map(({ findings }) => findings)),
});

const sumOfSightings = (sightings: readonly Sightings[]): Sightings => ({
  count: total(sightings.map(({ count }) => count)),
  lowest: sightings
    .flatMap(({ lowest }) => lowest)
    .toSorted((x, y) => x.index - y.index)
    .slice(0, LOWEST),
});

const unspecifiedIn = (account: readonly Account[]): Counts => {
  const counts: Record<string, number> = {};
  for (const { unspecified } of account) if (unspecified !== undefined) counts[unspecified] = (counts[unspecified] ?? 0) + 1;
  return counts;
};

/** Each rule that fired, once. */
const rulesIn = (account: readonly Account[]): Counts => {
  const fired = new Set(account.flatMap(({ rules }) => rules));
  return Object.fromEntries([...fired].map((rule) => [rule, 1]));
};

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

const sumOfCounts = (all: readonly Counts[]): Counts => {
  const sum: Record<string, number> = {};
  for (const counts of all) for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
};

/** What stands under one name in several records becomes one thing. */
const byName = <T>(records: readonly Readonly<Record<string, T>>[], sum: (values: readonly T[]) => T): Readonly<Record<string, T>> => {
  const values = new Map<string, T[]>();
  for (const record of records) {
    for (const [name, value] of Object.entries(record)) {
      const known = values.get(name);
      if (known) known.push(value);
      else values.set(name, [value]);
    }
  }
  return Object.fromEntries([...values].map(([name, list]) => [name, sum(list)]));
};
