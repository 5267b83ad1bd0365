/**
 * Tunnels: the RFC's purpose. Networks that use the same addresses reach the world through one address, each through a
 * zone of its own, and what the world says to one of them reaches that one.
 */
import type { Event, EventId, Receive } from '../../spec/trace/event.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import { icmpTypes } from '../../spec/icmp-types.ts';
import { isFragment } from '../../spec/trace/packet.ts';
import { isReaction } from '../../spec/trace/reaction.ts';
import { TCP } from '../../spec/trace/transport.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { type Check, held, type Law, premiseNotMet, type Verdict, violated } from '../law.ts';
import { isMartian } from '../martian.ts';
import { nodesAreAskedUntranslated } from '../node-information.ts';
import { run } from '../run.ts';
import { all, type Boundary, isGlobal, leadsThroughPairs, memoised, outcomeOf, tenantOf, tenantOfDevice, tenantsOf, wayOut, zoneIdOf } from '../tenants.ts';
import { freshId, tenantsShareAZone } from './canaries.ts';

const check: Check = async (subject, trace) => {
  if (trace.events.some(mayEndConnections)) return premiseNotMet;
  const [answered, answers] = withLateAnswers(trace);
  const outcomes = await run(subject, answered);
  const talking = new Set<number | undefined>();
  for (const event of answered.events) {
    const asked = answers.get(event.id);
    const tenant = tenantOf(trace, isReaction(event) ? originOf(answered, event) : event.id);
    const back = outcomeOf(outcomes, event.id);
    // What reacts to the world's own packets may be for any network that these are for.
    const stray = isReaction(event) && tenant !== undefined ? strayOf(trace, back, tenant) : undefined;
    if (stray) return stray;
    if (!asked || back.skipped || !leftOutside(trace, asked, outcomeOf(outcomes, asked.id))) continue;
    talking.add(tenant);
    if (back.left.length === 0 && isQuestion(asked, outcomeOf(outcomes, asked.id))) {
      return breach(event.id, tenant, `its answer, by ${asked.device}`, 'nothing left');
    }
    const [piece] = back.left.find(({ device }) => device === asked.device)?.pieces ?? [];
    if (piece && piece.kind !== 'raw' && asked.packet.kind !== 'raw' && piece.destination !== asked.packet.source) {
      return breach(event.id, tenant, `an answer to ${asked.packet.source}`, `one to ${piece.destination}`);
    }
  }
  return talking.size > 1 ? held : premiseNotMet;
};

/** What a connection leaves, another network may get, and then late answers as well: in time, by command, or by a reset. */
const mayEndConnections = (event: Event): boolean => {
  if (event.kind !== 'receive' || event.packet.kind === 'raw') return isGlobal(event) || event.kind === 'control';
  const { payload, protocol } = event.packet;
  return payload.kind === 'tcp' ? payload.flags.includes('R') : protocol === TCP;
};

/** Everything that a network sends is answered, once all have spoken. */
const withLateAnswers = memoised((trace: Trace): readonly [Trace, ReadonlyMap<EventId, Receive>] => {
  const answers = new Map<EventId, Receive>();
  let id = freshId(trace);
  const late = trace.events.flatMap((event): readonly Event[] => {
    if (event.kind !== 'receive' || tenantOf(trace, event.id) === undefined) return [];
    answers.set(id, event);
    return [{ kind: 'answer', id: id++, to: event.id }];
  });
  return [{ ...trace, events: [...trace.events, ...late] }, answers];
});

/** The packet that all reactions go back to. */
const originOf = (trace: Trace, event: Event): EventId => {
  let origin: Event | undefined = event;
  while (origin && isReaction(origin)) origin = eventsById(trace).get(origin.to);
  return origin?.id ?? event.id;
};

const eventsById = memoised((trace: Trace) => new Map(trace.events.map((event) => [event.id, event])));

/** What reacts to a network leaves for nobody else's. */
const strayOf = (trace: Trace, { event, left }: Outcome, tenant: number): Verdict | undefined => {
  const stray = left.find(({ device }) => {
    const owner = tenantOfDevice(trace.network, device);
    return owner !== undefined && owner !== tenant;
  });
  return stray && breach(event, tenant, `nothing for another network than ${tenant}'s`, `left by ${stray.device}`);
};

const leftOutside = ({ network }: Trace, { device }: Receive, { left }: Outcome): boolean => left[0]?.device === wayOut(network, device);

/** A datagram or a query that began, or went on with, a connection which lasts for longer than any trace without time. */
const isQuestion = ({ packet }: Receive, { passes }: Outcome): boolean => {
  if (packet.kind === 'raw' || isFragment(packet) || passes.some((pass) => !('direction' in pass) || pass.direction !== 'original' || pass.state === 'related')) return false;
  // Nobody forwards what comes back from there.
  if (isMartian(packet.destination)) return false;
  const { payload, protocol } = packet;
  return payload.kind === 'udp' || (payload.kind === 'icmp' && icmpTypes.get(protocol)?.answers.has(payload.type) === true);
};

const breach = (event: EventId, tenant: number | undefined, expected: string, seen: string): Verdict =>
  violated({ what: 'left', event, ...(tenant === undefined ? {} : { tenant }), expected, seen });

const isTheRfcsNetwork: Boundary = ({ network }) => leadsThroughPairs(network) || 'no tunnels that lead through pairs of devices';

const eachTunnelHasItsZone: Boundary = (trace) => {
  const zones = new Map<number, number>();
  for (const device of trace.network.devices) {
    const tenant = tenantOfDevice(trace.network, device.name);
    if (tenant === undefined) continue;
    const zone = zoneIdOf(device);
    if ((zones.get(tenant) ?? zone) !== zone) return `tenant ${tenant} has two zones`;
    if (device.passes[0]?.assigned === 'after-defragmentation') return 'zones are assigned after defragmentation';
    zones.set(tenant, zone);
  }
  return (zones.size === tenantsOf(trace).length && new Set(zones.values()).size === zones.size) || 'two tenants have one zone';
};

export const tunnels: Law = {
  id: 'tunnels',
  sentence: "In the RFC's network any number of networks with equal addresses talk to the outside at once, and each gets its own answers, only its own.",
  needs: ['nat', 'pairs'],
  boundary: all(isTheRfcsNetwork, eachTunnelHasItsZone, nodesAreAskedUntranslated),
  check,
  canaries: [tenantsShareAZone(check)],
};
