/** Counting: what is limited in each zone is counted in each zone, so a zone that is full is nobody else's loss. */
import type { Event } from '../../spec/trace/event.ts';
import type { Limits } from '../../spec/trace/network.ts';
import type { Label, Outcome } from '../../spec/trace/outcome.ts';
import { ICMP, ICMPV6, UDP } from '../../spec/trace/transport.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { limitOf } from '../../spec/counting.ts';
import type { ZoneId } from '../../spec/zone.ts';
import { type Breach, type Canary, type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { withLimits } from '../limits.ts';
import { run } from '../run.ts';
import { activeTenants, all, type Boundary, isGlobal, memoised, outcomeOf, tenantOf, tenantsAreApart } from '../tenants.ts';
import { breachOfSolitude } from './alone.ts';
import { tenantsShareAZone } from './canaries.ts';

const check: Check = async (subject, trace) => {
  if (activeTenants(trace).length < 2) return premiseNotMet;
  const outcomes = await run(subject, trace);
  if (!isReached(trace, outcomes, await run(subject, unlimited(trace)))) return premiseNotMet;
  const over = oneTooMany(trace, outcomes);
  if (over) return violated(over);
  const breach = await breachOfSolitude(subject, trace);
  return breach ? violated(breach) : held;
};

const unlimited = memoised((trace: Trace): Trace => ({ ...trace, network: withLimits(trace.network, {}) }));

/** Something would leave if there were no limits. */
const isReached = (trace: Trace, outcomes: readonly Outcome[], free: readonly Outcome[]): boolean =>
  trace.events.some(({ id }) => outcomeOf(outcomes, id).left.length === 0 && outcomeOf(free, id).left.length > 0);

/** A connection more in a zone than it may have, where nothing ends any. */
const oneTooMany = (trace: Trace, outcomes: readonly Outcome[]): Breach | undefined => {
  if (trace.events.some((event) => isGlobal(event) || event.kind === 'control')) return undefined;
  const known = new Map<ZoneId, Set<Label>>();
  for (const event of trace.events) {
    const { passes, left } = outcomeOf(outcomes, event.id);
    const [pass] = passes;
    if (left.length === 0 || !lasts(event) || !pass || !('zone' in pass)) continue;
    const connections = (known.get(pass.zone) ?? new Set()).add(pass.connection);
    known.set(pass.zone, connections);
    const most = limitOf(trace.network.limits, pass.zone);
    const tenant = tenantOf(trace, event.id);
    if (connections.size > most) {
      return { what: 'left', event: event.id, ...(tenant === undefined ? {} : { tenant }), expected: `dropped: zone ${pass.zone} has ${most} connections`, seen: 'one more' };
    }
  }
  return undefined;
};

/** Protocols that end no connection themselves. */
const LASTING: ReadonlySet<number> = new Set([UDP, ICMP, ICMPV6]);

const lasts = (event: Event): boolean => event.kind === 'receive' && event.packet.kind !== 'raw' && LASTING.has(event.packet.protocol);

const somethingIsLimitedInEachZone: Boundary = ({ network: { limits } }) => isPerZone(limits) || 'no limit is one of each zone';

const isPerZone = (limits: Limits | undefined): boolean => limits?.zones !== undefined || limits?.counters?.some(({ counts }) => counts === 'each-zone') === true;

/** What is limited in each zone is counted over all of them. */
const together = memoised((trace: Trace): Trace | undefined => {
  const { limits, devices } = trace.network;
  if (!limits) return undefined;
  const { zones = [], counters = [], ...others } = limits;
  const everywhere = devices.map(({ name }) => name);
  const counted = [...counters, ...zones.map(({ connections }) => ({ devices: everywhere, most: connections }))];
  return { ...trace, network: withLimits(trace.network, { ...others, counters: counted.map((counter) => ({ ...counter, counts: 'all-zones' })) }) };
});

const countedTogether: Canary = {
  id: 'counted-together',
  sentence: 'The connections of all zones are counted together.',
  fits: ({ limits }) => limits.counters !== undefined,
  played: together,
  check: (subject, trace) => {
    const other = together(trace);
    return other && subject.capabilities.excludes(other) === undefined ? check(subject, other) : premiseNotMet;
  },
};

export const counting: Law = {
  id: 'counting',
  sentence: 'A limit of each zone counts the connections of that zone, and no others.',
  needs: ['limits'],
  boundary: all(somethingIsLimitedInEachZone, tenantsAreApart),
  check,
  canaries: [tenantsShareAZone(check), countedTogether],
};
