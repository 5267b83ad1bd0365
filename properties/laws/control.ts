/**
 * Control: a command reaches the zone that it names, all of it and nothing else.
 *
 * Three things are looked at, none of which needs a model. What a flush or a delete ended is never met again. Without one
 * tenant's commands, and without any resize, the others see the same. And without any command fragments become datagrams
 * at the same moments.
 */
import { firstDifferenceOfRuns, listedText, tupleText } from '../../spec/outcome.ts';
import type { Control, Event } from '../../spec/trace/event.ts';
import type { Label, Outcome } from '../../spec/trace/outcome.ts';
import { isFragment } from '../../spec/trace/packet.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { type Tuple, tupleOf } from '../../spec/tuple.ts';
import type { ZoneId } from '../../spec/zone.ts';
import { flushesEverything } from '../faults.ts';
import { type Breach, type Canary, type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { run } from '../run.ts';
import type { Subject } from '../subject.ts';
import { memoised, outcomeOf, seenBy, tenantOf, tenantsAreApart, tenantsOf, zoneNamed } from '../tenants.ts';
import { tenantsShareAZone } from './canaries.ts';

const check: Check = async (subject, trace) => {
  if (!trace.events.some(isControl)) return premiseNotMet;
  const outcomes = await run(subject, trace);
  const breach = metAgain(trace, outcomes) ?? (await breachElsewhere(subject, trace, outcomes)) ?? (await breachOfFragments(subject, trace, outcomes));
  return breach ? violated(breach) : held;
};

const isControl = (event: Event): event is Control & Event => event.kind === 'control';

/** A connection that was ended is met again, or a list holds what was not asked for. */
const metAgain = (trace: Trace, outcomes: readonly Outcome[]): Breach | undefined => {
  const alive = new Map<Label, { readonly zone: ZoneId; readonly tuples: Set<string> }>();
  const ended = new Set<Label>();
  for (const event of trace.events) {
    const { passes, told } = outcomeOf(outcomes, event.id);
    const list = told?.kind === 'list' ? told.connections : [];
    const stray = isControl(event) ? list.find(({ zone }) => (zoneNamed(event) ?? zone) !== zone) : undefined;
    if (stray && isControl(event)) return { what: 'list', event: event.id, expected: `connections of zone ${zoneNamed(event)} only`, seen: listedText(stray) };
    for (const met of [...list, ...passes]) {
      if (!('connection' in met)) continue;
      if (ended.has(met.connection)) return { what: 'connection', event: event.id, expected: 'another connection: this one was ended', seen: `zone ${met.zone}` };
      const known = alive.get(met.connection) ?? { zone: met.zone, tuples: new Set() };
      for (const tuple of 'original' in met ? [met.original, met.reply] : tuplesOf(event)) known.tuples.add(tupleText(tuple));
      alive.set(met.connection, known);
    }
    if (!isControl(event) || told?.kind !== 'done') continue;
    for (const [label, { zone, tuples }] of alive) {
      const flushed = event.command === 'flush' && (event.zone ?? zone) === zone;
      const deleted = event.command === 'delete' && zoneNamed(event) === zone && tuples.has(tupleText(event.tuple));
      if (flushed || deleted) ended.add(label);
    }
  }
  return undefined;
};

/** The tuple of a packet that is whole, as far as it can be read without a model. */
const tuplesOf = (event: Event): readonly Tuple[] =>
  event.kind === 'receive' && event.packet.kind !== 'raw' && event.packet.payload.kind === 'udp' ? [tupleOf(event.packet, event.packet.payload)] : [];

/** Without the first tenant's commands, and without any resize, the others see the same. */
const breachElsewhere = async (subject: Subject, trace: Trace, outcomes: readonly Outcome[]): Promise<Breach | undefined> => {
  const less = withoutOne(trace);
  if (less.events.length === trace.events.length) return undefined;
  const fewer = await run(subject, less);
  const silent = commander(trace);
  for (const tenant of tenantsOf(trace)) {
    if (tenant === silent) continue;
    const kept = new Set(less.events.map(({ id }) => id));
    const seen = seenBy(tenant, trace, outcomes).filter(({ event }) => kept.has(event));
    const difference = firstDifferenceOfRuns(seenBy(tenant, less, fewer), seen);
    if (difference) return { ...difference, tenant };
  }
  return undefined;
};

/** The first tenant whose zone is named. */
const commander = (trace: Trace): number | undefined => {
  const named = new Set(trace.events.filter(isControl).map(({ id }) => tenantOf(trace, id)));
  return tenantsOf(trace).find((tenant) => named.has(tenant));
};

const withoutOne = memoised((trace: Trace): Trace => {
  const silent = commander(trace);
  const gone = (event: Event): boolean =>
    isControl(event) && (event.command === 'resize' || (silent !== undefined && tenantOf(trace, event.id) === silent));
  return { ...trace, events: trace.events.filter((event) => !gone(event)) };
});

const withoutCommands = memoised((trace: Trace): Trace => ({ ...trace, events: trace.events.filter((event) => !isControl(event)) }));

/** Fragments that wait do so whatever becomes of connections. */
const breachOfFragments = async (subject: Subject, trace: Trace, outcomes: readonly Outcome[]): Promise<Breach | undefined> => {
  const fragments = trace.events.filter((event) => event.kind === 'receive' && event.packet.kind !== 'raw' && isFragment(event.packet));
  if (fragments.length === 0) return undefined;
  const undisturbed = await run(subject, withoutCommands(trace));
  const torn = fragments.find((event) => whole(outcomes, event) !== whole(undisturbed, event));
  return torn && { what: 'completion', event: torn.id, expected: words(whole(undisturbed, torn)), seen: words(whole(outcomes, torn)) };
};

/** Whether tracking was reached. */
const whole = (outcomes: readonly Outcome[], event: Event): boolean => outcomeOf(outcomes, event.id).passes.length > 0;

const words = (complete: boolean): string => (complete ? 'a datagram is complete' : 'no datagram is complete');

const flushIgnoresTheZone: Canary = {
  id: 'flush-ignores-the-zone',
  sentence: 'A flush that names a zone ends every connection, as Linux did before 6.8.',
  fits: ({ commands }) => commands.includes('flush'),
  check: (subject, trace) => check(flushesEverything(subject), trace),
};

export const control: Law = {
  id: 'control',
  sentence: 'Flush, delete and dump touch exactly the zone they name; resize changes nothing; flush leaves fragment queues alone.',
  needs: ['control'],
  boundary: tenantsAreApart,
  check,
  canaries: [tenantsShareAZone(check), flushIgnoresTheZone],
};
