/** Identity: a connection belongs to one tenant, and nothing is established that its zone has not met before. */
import type { Event } from '../../spec/trace/event.ts';
import type { Label, Outcome } from '../../spec/trace/outcome.ts';
import { type Packet, slice } from '../../spec/trace/packet.ts';
import { UDP } from '../../spec/trace/transport.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import type { Tuple } from '../../spec/tuple.ts';
import { type Breach, type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { run } from '../run.ts';
import { all, eachTenantHasItsOwnZone, noLateZoneBesideAnEarlyZoneZero, noPathJoinsTenants, outcomeOf, tenantOf } from '../tenants.ts';
import { tenantsShareAZone } from './canaries.ts';

const check: Check = async (subject, trace) => {
  const outcomes = await run(subject, trace);
  return (subject.capabilities.labels ? sharedLabel(trace, outcomes) : undefined) ?? establishedAtOnce(trace, outcomes);
};

const sharedLabel = (trace: Trace, outcomes: readonly Outcome[]) => {
  const owners = new Map<Label, number | undefined>();
  for (const { event, passes } of outcomes) {
    const tenant = tenantOf(trace, event);
    for (const pass of passes) {
      if (!('connection' in pass)) continue;
      const owner = owners.has(pass.connection) ? owners.get(pass.connection) : tenant;
      if (owner !== tenant) return breach(event, tenant, 'connection', 'a connection of its own', `tenant ${owner}'s connection`);
      owners.set(pass.connection, tenant);
    }
  }
  return undefined;
};

/** The premise is met where two tenants have a tuple in common, whichever way it is turned. */
const establishedAtOnce = (trace: Trace, outcomes: readonly Outcome[]) => {
  const users = new Map<string, Set<number | undefined>>();
  let common = false;
  for (const event of trace.events) {
    const outcome = outcomeOf(outcomes, event.id);
    // What control made, its zone has met.
    if (event.kind === 'control' && event.command === 'create') {
      for (const tuple of [event.original, event.reply]) users.set(endsText(tuple), new Set([...(users.get(endsText(tuple)) ?? []), tenantOf(trace, event.id)]));
    }
    const pass = outcome.passes[0];
    const ends = endsOf(event, outcome);
    if (!pass || !('zone' in pass) || ends === undefined) continue;
    const tenant = tenantOf(trace, event.id);
    const known = users.get(ends) ?? new Set();
    if (!known.has(tenant) && pass.state === 'established') {
      return breach(event.id, tenant, 'state', `new: the zone's first packet of ${ends}`, pass.state);
    }
    users.set(ends, known.add(tenant));
    common ||= known.size > 1;
  }
  return common ? held : premiseNotMet;
};

/** Both ends of the conversation that a tracked event belongs to, in an order that does not depend on the direction. */
const endsOf = (event: Event, outcome: Outcome): string | undefined => {
  const packet = outcome.left[0]?.pieces[0] ?? (event.kind === 'receive' ? event.packet : undefined);
  const ports = packet && portsOf(packet);
  if (packet?.kind !== 'ipv4' || !ports) return undefined;
  const { source, destination } = packet;
  return endsText({ source, destination, sourcePort: ports.source, destinationPort: ports.destination });
};

const endsText = ({ source, destination, sourcePort, destinationPort }: Omit<Tuple, 'protocol'>): string => {
  const [a, b] = [`${source}:${sourcePort}`, `${destination}:${destinationPort}`];
  return a < b ? `${a} and ${b}` : `${b} and ${a}`;
};

const portsOf = (packet: Packet): { readonly source: number; readonly destination: number } | undefined => {
  if (packet.kind !== 'ipv4' || packet.protocol !== UDP || packet.offset > 0) return undefined;
  if (packet.payload.kind === 'udp') return { source: packet.payload.sourcePort, destination: packet.payload.destinationPort };
  const port = (at: number): number => Number.parseInt(slice(packet.payload.kind === 'opaque' ? packet.payload.bytes : '', at, at + 2), 16);
  return Number.isNaN(port(2)) ? undefined : { source: port(0), destination: port(2) };
};

const breach = (event: number, tenant: number | undefined, what: Breach['what'], expected: string, seen: string) =>
  violated({ what, event, ...(tenant === undefined ? {} : { tenant }), expected, seen });

export const identity: Law = {
  id: 'identity',
  sentence: "No two tenants get one label, and a tuple's first packet in its zone is never established.",
  needs: [],
  boundary: all(eachTenantHasItsOwnZone, noPathJoinsTenants, noLateZoneBesideAnEarlyZoneZero),
  check,
  canaries: [tenantsShareAZone(check)],
};
