/** Translation: what a zone's connections are translated to, no other connection of it has, and no other zone uses it up. */
import { tupleText } from '../../spec/outcome.ts';
import type { Label, Outcome } from '../../spec/trace/outcome.ts';
import { ICMP, UDP } from '../../spec/trace/transport.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { type Breach, type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { run } from '../run.ts';
import { activeTenants, all, type Boundary, isGlobal, onlyOf, outcomeOf, tenantOf, tenantsAreApart, translates } from '../tenants.ts';
import { tenantsShareAZone } from './canaries.ts';

const check: Check = async (subject, trace) => {
  const together = await run(subject, trace);
  if (!together.some(({ passes }) => passes.some((pass) => 'bound' in pass))) return premiseNotMet;
  const shared = lasting(trace) ? sharedReply(trace, together) : undefined;
  if (shared) return violated(shared);
  for (const tenant of activeTenants(trace)) {
    const missing = missingIn(tenant, trace, await run(subject, onlyOf(tenant, trace)), together);
    if (missing) return violated({ ...missing, tenant });
  }
  return held;
};

/** Nothing ends a connection of a protocol that does not end one itself. */
const lasting = (trace: Trace): boolean => !trace.events.some((event) => isGlobal(event) || event.kind === 'control');

/** A reply tuple that two connections of a zone have. */
const sharedReply = (trace: Trace, outcomes: readonly Outcome[]): Breach | undefined => {
  const owners = new Map<string, Label>();
  for (const { event, passes, left } of outcomes) {
    for (const pass of passes) {
      // What goes no further may end its connection: one that is masqueraded by another device than this packet takes.
      if (left.length === 0 && 'connection' in pass) disown(owners, pass.connection);
      if (!('bound' in pass) || !pass.bound || (pass.bound.reply.protocol !== UDP && pass.bound.reply.protocol !== ICMP)) continue;
      const reply = `zone ${pass.zone} ${tupleText(pass.bound.reply)}`;
      const owner = owners.get(reply);
      const tenant = tenantOf(trace, event);
      if (owner !== undefined && owner !== pass.connection) {
        return { what: 'translation', event, ...(tenant === undefined ? {} : { tenant }), expected: `a reply tuple of its own`, seen: reply };
      }
      owners.set(reply, pass.connection);
    }
  }
  return undefined;
};

const disown = (owners: Map<string, Label>, label: Label): void => {
  for (const [reply, owner] of owners) if (owner === label) owners.delete(reply);
};

/** A connection that a tenant gets alone, and not beside others, whatever it was translated to. */
const missingIn = (tenant: number, trace: Trace, alone: readonly Outcome[], together: readonly Outcome[]): Breach | undefined => {
  for (const { id } of trace.events) {
    if (tenantOf(trace, id) !== tenant) continue;
    const [[one], [other]] = [outcomeOf(alone, id).passes, outcomeOf(together, id).passes];
    // A packet may meet by chance what was chosen once and not again; then the two accounts are of different things.
    if (one?.state !== other?.state) return undefined;
    const [first, second] = [one && 'bound' in one && one.bound, other && 'bound' in other && other.bound];
    if (Boolean(first) !== Boolean(second)) {
      return { what: 'translation', event: id, expected: first ? `as alone: reply ${tupleText(first.reply)}` : 'as alone: dropped', seen: second ? `reply ${tupleText(second.reply)}` : 'dropped' };
    }
  }
  return undefined;
};

const somethingIsTranslated: Boundary = ({ network }) => translates(network) || 'nothing is translated';

export const translation: Law = {
  id: 'translation',
  sentence: "No two live connections of a zone share a reply tuple, and what one zone's translation uses up is not missing in another.",
  needs: ['nat'],
  boundary: all(somethingIsTranslated, tenantsAreApart),
  check,
  canaries: [tenantsShareAZone(check)],
};
