/** Relatedness: what is related to a connection is related to one of its own tenant, and to one that was there before. */
import { asTracked } from '../../spec/extensions.ts';
import { readAnnouncement } from '../../spec/ftp.ts';
import type { Event, EventId } from '../../spec/trace/event.ts';
import type { Label, Outcome } from '../../spec/trace/outcome.ts';
import { type Ip, isFragment } from '../../spec/trace/packet.ts';
import { resolved } from '../../spec/trace/reaction.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { TCP, type Tcp } from '../../spec/trace/transport.ts';
import { type Canary, type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { run } from '../run.ts';
import { activeTenants, all, commandsKnowZones, eachTenantHasItsOwnZone, datagramsHaveTheZoneOfTheirLastPiece, memoised, noPathJoinsTenants, outcomesByEvent, tenantOf } from '../tenants.ts';
import { changed, freshId, ipv6SharesAZone, only, sharedTrace, tenantsShareAZone } from './canaries.ts';

const check: Check = async (subject, trace) => {
  /** Who sent the first packet of each connection. */
  const owners = new Map<Label, number | undefined>();
  /** Of whom connections were made by control, whose labels are not known until they are met. */
  const given = new Set<number | undefined>();
  const creations = new Set(trace.events.flatMap((event) => (event.kind === 'control' && event.command === 'create' ? [event.id] : [])));
  const outcomes = await run(subject, trace);
  const announced = announcements(trace, outcomes);
  let met = false;
  for (const { event, passes, told } of outcomes) {
    const tenant = tenantOf(trace, event);
    const said = announced.get(event);
    if (creations.has(event) && told?.kind === 'done') given.add(tenant);
    for (const pass of passes) {
      if (!('connection' in pass)) continue;
      if (pass.state !== 'related' || given.has(tenant)) {
        if (!owners.has(pass.connection)) owners.set(pass.connection, tenant);
      }
      if (pass.state !== 'related') continue;
      met = true;
      if (!owners.has(pass.connection) && said !== undefined) {
        owners.set(pass.connection, tenant);
        if (said) continue;
        return violated({ what: 'connection', event, ...(tenant === undefined ? {} : { tenant }), expected: 'what its own tenant announced', seen: 'a connection that nobody announced' });
      }
      if (owners.has(pass.connection) && owners.get(pass.connection) === tenant) continue;
      const owner = owners.has(pass.connection) ? `tenant ${owners.get(pass.connection)}'s connection` : 'a connection that nobody made';
      return violated({ what: 'connection', event, ...(tenant === undefined ? {} : { tenant }), expected: 'a connection of its own tenant', seen: owner });
    }
  }
  return met ? held : premiseNotMet;
};

/**
 * Whether each event that brings TCP brings it to where its tenant had said by then that somebody listens, as FTP says it.
 * What was said in fragments nobody reads here, so whoever sends such may have said anything.
 */
const announcements = (trace: Trace, outcomes: readonly Outcome[]): ReadonlyMap<EventId, boolean> => {
  const known = outcomesByEvent(outcomes);
  const ends = new Set<string>();
  const hidden = new Set<number | undefined>();
  const announced = new Map<EventId, boolean>();
  if (!trace.network.devices.some(({ helper }) => helper)) return announced;
  for (const event of trace.events) {
    const tenant = tenantOf(trace, event.id);
    const brought = resolved(event, known);
    if (brought?.kind !== 'receive' || brought.packet.kind === 'raw') continue;
    const { packet } = brought;
    const segment = asTracked(packet)?.payload;
    if (isFragment(packet) && packet.protocol === TCP) hidden.add(tenant);
    if (segment?.kind !== 'tcp' && !(isFragment(packet) && packet.protocol === TCP)) continue;
    announced.set(event.id, hidden.has(tenant) || (segment?.kind === 'tcp' && ends.has(`${tenant} ${packet.destination} ${segment.destinationPort}`)));
    for (const port of portsSaid(packet)) ends.add(`${tenant} ${packet.source} ${port}`);
  }
  return announced;
};

/** Where the sender says that it listens, as a client or as a server. */
const portsSaid = (packet: Ip): readonly number[] => {
  const segment = asTracked(packet)?.payload;
  if (segment?.kind !== 'tcp') return [];
  const said = DIRECTIONS.map((direction) => readAnnouncement(segment.payload, direction, packet.source));
  return said.flatMap((one) => (one.kind === 'here' ? [one.port] : []));
};

const DIRECTIONS = ['original', 'reply'] as const;

const onlyTcp = only((packet) => packet.kind !== 'raw' && asTracked(packet)?.payload.kind === 'tcp', ['answer']);

/** Of this nobody sends errors, so what is related was expected. */
const intruded = memoised((trace: Trace): Trace | undefined => {
  const rest = trace.network.devices.some(({ helper }) => helper) ? onlyTcp(trace) : undefined;
  const meant = rest && withIntruders(rest);
  return meant && sharedTrace(meant);
});

/** Where a tenant says that it listens, somebody connects at once, but at another one's. */
const withIntruders = (trace: Trace): Trace | undefined => {
  const { tenants } = trace.network;
  let id = freshId(trace);
  const events = trace.events.flatMap((event): readonly Event[] => {
    if (event.kind !== 'receive' || event.packet.kind === 'raw') return [event];
    const { packet } = event;
    const [port] = portsSaid(packet);
    const own = tenants.find(({ devices }) => devices.includes(event.device));
    const other = tenants.find((tenant) => tenant !== own && activeTenants(trace).includes(tenant.number));
    const device = own && other?.devices.find((_, place) => own.devices[place] !== event.device);
    if (port === undefined || device === undefined) return [event];
    return [event, { kind: 'receive', id: id++, device, packet: { ...packet, source: packet.destination, destination: packet.source, payload: opening(port) } }];
  });
  return events.length > trace.events.length ? { ...trace, events } : undefined;
};

const opening = (destinationPort: number): Tcp => ({ kind: 'tcp', sourcePort: 3000, destinationPort, sequence: 1, acknowledgement: 0, reserved: 0, flags: 'S', window: 65_535, checksum: 'right', urgent: 0, options: '', payload: '' });

const expectationsShareAZone: Canary = {
  ...changed('shared-expectations', 'Two tenants get one zone id, and somebody connects at one of them to where the other said that it listens.', intruded, check),
  fits: ({ helpers }) => helpers,
  apart: true,
};

export const relatedness: Law = {
  id: 'relatedness',
  sentence: 'ICMP errors and expected connections relate only to connections of their own tenant.',
  needs: ['labels'],
  boundary: all(eachTenantHasItsOwnZone, noPathJoinsTenants, datagramsHaveTheZoneOfTheirLastPiece, commandsKnowZones),
  check,
  canaries: [tenantsShareAZone(check), ipv6SharesAZone(check), expectationsShareAZone],
};
