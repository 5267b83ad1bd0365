/** Identity: a connection belongs to one tenant, and nothing is established that its zone has not met before. */
import { asTracked } from '../../spec/extensions.ts';
import { counterpart, icmpTypes } from '../../spec/icmp-types.ts';
import type { Profile } from '../../spec/profile.ts';
import type { Event } from '../../spec/trace/event.ts';
import type { Label, Outcome } from '../../spec/trace/outcome.ts';
import { carried, fragmentOf, type Ip, lengthOf, numberAt } from '../../spec/trace/packet.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { type Icmp, SCTP, TCP, UDP, UDP_LITE } from '../../spec/trace/transport.ts';
import { icmpTypeOf, type Tuple } from '../../spec/tuple.ts';
import { readTransport } from '../../spec/wire/transport.ts';
import { type Breach, type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { run } from '../run.ts';
import { all, commandsKnowZones, eachTenantHasItsOwnZone, datagramsHaveTheZoneOfTheirLastPiece, noPathJoinsTenants, outcomeOf, tenantOf, translates } from '../tenants.ts';
import { tenantsShareAZone } from './canaries.ts';

const check: Check = async (subject, trace) => {
  const outcomes = await run(subject, trace);
  const { labels, profile } = subject.capabilities;
  const shared = labels ? sharedLabel(trace, outcomes) : undefined;
  // Behind a translation, the ends of an answer are others than those of what it answers.
  return shared ?? (translates(trace.network) ? premiseNotMet : establishedAtOnce(trace, outcomes, WITH_PORTS[profile.datapath]));
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
const establishedAtOnce = (trace: Trace, outcomes: readonly Outcome[], withPorts: ReadonlySet<number>) => {
  const users = new Map<string, Set<number | undefined>>();
  const hidden = new Set<number | undefined>();
  let common = false;
  for (const event of trace.events) {
    const outcome = outcomeOf(outcomes, event.id);
    // What control made, its zone has met.
    if (event.kind === 'control' && event.command === 'create') {
      for (const tuple of [event.original, event.reply]) {
        const ends = endsText(tuple, flowOfTuple(tuple, withPorts));
        users.set(ends, new Set(users.get(ends)).add(tenantOf(trace, event.id)));
      }
    }
    const pass = outcome.passes[0];
    const ends = endsOf(event, outcome, withPorts);
    const tenant = tenantOf(trace, event.id);
    if (!pass || !('zone' in pass)) continue;
    // What began in pieces too small to tell its ends may be anything's first packet.
    if (ends === undefined) hidden.add(tenant);
    if (ends === undefined || hidden.has(tenant)) continue;
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
const endsOf = (event: Event, outcome: Outcome, withPorts: ReadonlySet<number>): string | undefined => {
  const packet = outcome.left[0]?.pieces[0] ?? (event.kind === 'receive' ? event.packet : undefined);
  if (!packet || packet.kind === 'raw' || (fragmentOf(packet)?.offset ?? 0) > 0) return undefined;
  const read = asTracked(packet);
  const flow = read && flowOf(read, withPorts);
  return flow && endsText(packet, flow);
};

const endsText = ({ source, destination }: Pick<Ip, 'source' | 'destination'>, flow: Flow): string => {
  const [a, b] = [`${source}${flow.source}`, `${destination}${flow.destination}`];
  return `${flow.name} ${a < b ? `${a} and ${b}` : `${b} and ${a}`}`;
};

type Flow = { readonly name: string; readonly source: string; readonly destination: string };

/** The protocols of which tracking reads ports. */
const WITH_PORTS: Readonly<Record<Profile['datapath'], ReadonlySet<number>>> = {
  linux: new Set([TCP, UDP, UDP_LITE, SCTP]),
  'open-vswitch': new Set([TCP, UDP]),
};

/** What tells flows between two hosts apart, of a whole packet or a first fragment; of most protocols nothing has to. */
const flowOf = (packet: Ip, withPorts: ReadonlySet<number>): Flow | undefined => {
  const { payload, protocol } = packet;
  const name = `protocol ${protocol}`;
  if (withPorts.has(protocol)) {
    if ('sourcePort' in payload) return { name, source: `:${payload.sourcePort}`, destination: `:${payload.destinationPort}` };
    const bytes = carried(payload);
    return lengthOf(bytes) < 4 ? undefined : { name, source: `:${numberAt(bytes, 0, 2)}`, destination: `:${numberAt(bytes, 2, 2)}` };
  }
  const transport = payload.kind === 'opaque' ? readTransport(packet, payload.bytes) : payload;
  if (transport.kind === 'icmp') return { name: icmpFlow(protocol, transport), source: '', destination: '' };
  return transport.kind !== 'opaque' || transport.why === 'protocol' ? { name, source: '', destination: '' } : undefined;
};

const flowOfTuple = (tuple: Tuple, withPorts: ReadonlySet<number>): Flow => {
  const { protocol, sourcePort, destinationPort } = tuple;
  const name = `protocol ${protocol}`;
  if (withPorts.has(protocol)) return { name, source: `:${sourcePort}`, destination: `:${destinationPort}` };
  if (!icmpTypes.has(protocol)) return { name, source: '', destination: '' };
  return { name: icmpFlow(protocol, { type: icmpTypeOf(tuple), code: destinationPort & 0xff, identifier: sourcePort }), source: '', destination: '' };
};

/** Request and answer have one name. */
const icmpFlow = (protocol: number, { type, code, identifier }: Pick<Icmp, 'type' | 'code' | 'identifier'>): string => {
  const types = icmpTypes.get(protocol);
  const other = types && counterpart(types, type);
  return `icmp ${Math.max(type, other ?? type)}/${code} id ${identifier}`;
};

const breach = (event: number, tenant: number | undefined, what: Breach['what'], expected: string, seen: string) =>
  violated({ what, event, ...(tenant === undefined ? {} : { tenant }), expected, seen });

export const identity: Law = {
  id: 'identity',
  sentence: "No two tenants get one label, and a tuple's first packet in its zone is never established.",
  needs: [],
  boundary: all(eachTenantHasItsOwnZone, noPathJoinsTenants, datagramsHaveTheZoneOfTheirLastPiece, commandsKnowZones),
  check,
  canaries: [tenantsShareAZone(check)],
};
