/**
 * Known findings: violations that are recognised as one, and findings that are asked to show again.
 *
 * A violation is known if taking away the causes of known findings, one after the other, leaves a trace that keeps the
 * law. So whatever else is wrong shows on what is left, and is new.
 */
import { type Check, kindOf } from '../../properties/law.ts';
import { refinement } from '../../properties/laws/refinement.ts';
import { matches } from '../../properties/pattern.ts';
import { remedied, remediesFor, withEventsThat } from '../../properties/remedies.ts';
import { same } from '../../spec/plain.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import type { Finding } from './finding.ts';
import type { Kit } from './kit.ts';
import { reduce } from './reduce.ts';
import { CRASH, type Failing, type Judge, survival, verdictOf } from './verdict.ts';

/** Candidates checked to make a violation small enough to be recognised. */
const CHECKS = 400;

/** The ids of the findings that a violation comes down to, in the order of the kit's; undefined: it is new. */
export const recognise = (kit: Kit, law: Judge, trace: Trace, breach: Failing): Promise<readonly string[] | undefined> =>
  breach.what === 'hang' ? Promise.resolve(undefined) : among(kit, law, trace, breach, kit.known);

const among = async (kit: Kit, law: Judge, trace: Trace, breach: Failing, findings: readonly Finding[]): Promise<readonly string[] | undefined> => {
  const causes: { readonly finding: Finding; readonly without: Trace; readonly breach: Failing }[] = [];
  for (const finding of findings) {
    const withouts = remediesFor(law.id, finding.recognise.remedies).map((remedy) => remedied(trace, remedy));
    if (!isAbout(finding, law, breach) || withouts.length === 0 || withouts.some((without) => same(without, trace))) continue;
    const left = await firstBreach(kit, law, withouts);
    if (!(await isEnough(kit, finding, law, trace, breach))) continue;
    if (!left) return [finding.id];
    causes.push({ finding, ...left });
  }
  for (const { finding, without, breach: left } of causes) {
    const others = await among(kit, law, without, left, findings.filter((other) => other !== finding));
    if (others) return [finding.id, ...others];
  }
  return undefined;
};

/** Where one of the traces breaks the law still. */
const firstBreach = async (kit: Kit, law: Judge, traces: readonly Trace[]): Promise<{ readonly without: Trace; readonly breach: Failing } | undefined> => {
  for (const without of traces) {
    const verdict = await verdictOf(law.check, kit, without);
    if (verdict.kind === 'violated') return { without, breach: verdict.breach };
  }
  return undefined;
};

const isAbout = ({ recognise: said }: Finding, law: Judge, breach: Failing): boolean => said.laws.includes(law.id) && matches(breach, said.breach);

/** Whether the finding's cause is enough to break the law like that. */
const isEnough = async (kit: Kit, { recognise: said }: Finding, law: Judge, trace: Trace, breach: Failing): Promise<boolean> => {
  const { enough } = said;
  if (enough === 'the-model-breaks-it-alike') return breaksAlike(kit, law, trace, breach);
  if ('only' in enough) {
    const such = withEventsThat(trace, (event) => matches(event, enough.only));
    if (such.events.length < (enough.least ?? 1)) return false;
    for (let tries = enough.tries ?? 1; tries > 0; tries -= 1) {
      // A copy, because runs are remembered per trace object.
      if (await breaksStill(kit, law, structuredClone(such), breach)) return true;
    }
    return false;
  }
  if (breach.what === 'hang') return false;
  const task = { trace, breach: { ...breach, what: breach.what }, check: law.check, boundary: (candidate: Trace) => law.boundary(candidate, kit.subject.capabilities), limit: CHECKS };
  const { events } = (await reduce(kit, task)).trace;
  return events.length === enough.reduced.length && events.every((event, place) => matches(event, enough.reduced[place] ?? null));
};

/**
 * The model parts from the law where the subject does, in the same words, and from the subject nowhere. What the subject
 * counts against a budget in its own way moves the place; then they part alike where there is no budget.
 */
const breaksAlike = async (kit: Kit, law: Judge, trace: Trace, breach: Failing): Promise<boolean> => {
  if (await partsAlike(kit, law, trace, breach)) return true;
  const unlimited = remedied(trace, 'no-fragment-budget');
  if (same(unlimited, trace) || kit.subject.capabilities.incomparable(trace) === undefined) return false;
  const again = await verdictOf(law.check, kit, unlimited);
  return again.kind === 'violated' && partsAlike(kit, law, unlimited, again.breach);
};

const partsAlike = async (kit: Kit, law: Judge, trace: Trace, breach: Failing): Promise<boolean> => {
  const verdict = await law.check(kit.model, trace);
  return verdict.kind === 'violated' && same(verdict.breach, breach) && (await verdictOf(refinement.check, kit, trace)).kind !== 'violated';
};

/** Of a crash it is only known in which batch of events it came. */
const breaksStill = async (kit: Kit, law: Judge, trace: Trace, { what, event }: Failing): Promise<boolean> => {
  const verdict = await verdictOf(law.check, kit, trace);
  return verdict.kind === 'violated' && verdict.breach.what === what && (what === 'crash' || verdict.breach.event === event);
};

/** A check that finds what is new and nothing else: what is made smaller must not become another thing on the way. */
export const newOnly =
  (kit: Kit, law: Judge): Check =>
  async (_, trace) => {
    const verdict = await verdictOf(law.check, kit, trace);
    return verdict.kind === 'violated' && (await recognise(kit, law, trace, verdict.breach)) ? { kind: 'held' } : verdict;
  };

/** Whether a finding still shows. Plain data. */
export type KnownResult = {
  readonly finding: string;
  /** Why it does not, or cannot be told from others any more. */
  readonly problem?: string;
};

/** Puts a finding's trace on its law once more. */
export const showsAgain = async (kit: Kit, id: string): Promise<KnownResult> => {
  const finding = kit.known.find((known) => known.id === id);
  if (!finding) throw new Error(`The finding ${id} is not in this kit.`);
  const { trace, breaks } = finding;
  const law = breaks.law === CRASH.id ? survival(kit) : kit.lawOn(breaks.law, breaks.terrain);
  const reason = kit.subject.capabilities.excludes(trace) ?? reasonOf(law.boundary(trace, kit.subject.capabilities));
  if (reason !== undefined) return { finding: id, problem: `its trace cannot be judged: ${reason}` };
  const verdict = await verdictOf(law.check, kit, trace);
  if (verdict.kind !== 'violated') return { finding: id, problem: `${law.id} is kept on its trace` };
  const { breach } = verdict;
  if (breach.what !== breaks.what || breach.event !== breaks.event) {
    return { finding: id, problem: `${law.id} is broken on its trace by ${kindOf(breach)} at event ${breach.event}, not by ${breaks.what} at event ${breaks.event}` };
  }
  const recognised = await recognise(kit, law, trace, breach);
  return recognised?.includes(id) ? { finding: id } : { finding: id, problem: 'its own predicate does not recognise its trace' };
};

const reasonOf = (inside: true | string): string | undefined => (inside === true ? undefined : inside);
