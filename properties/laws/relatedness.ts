/** Relatedness: what is related to a connection is related to one of its own tenant, and to one that was there before. */
import { asTracked } from '../../spec/extensions.ts';
import { readAnnouncement } from '../../spec/ftp.ts';
import type { EventId } from '../../spec/trace/event.ts';
import type { Label, Outcome } from '../../spec/trace/outcome.ts';
import { isFragment } from '../../spec/trace/packet.ts';
import { resolved } from '../../spec/trace/reaction.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { TCP } from '../../spec/trace/transport.ts';
import { type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { run } from '../run.ts';
import { all, commandsKnowZones, eachTenantHasItsOwnZone, datagramsHaveTheZoneOfTheirLastPiece, noPathJoinsTenants, outcomesByEvent, tenantOf } from '../tenants.ts';
import { ipv6SharesAZone, tenantsShareAZone } from './canaries.ts';

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
    if (segment?.kind !== 'tcp') continue;
    for (const direction of ['original', 'reply'] as const) {
      const said = readAnnouncement(segment.payload, direction, packet.source);
      if (said.kind === 'here') ends.add(`${tenant} ${packet.source} ${said.port}`);
    }
  }
  return announced;
};

export const relatedness: Law = {
  id: 'relatedness',
  sentence: 'ICMP errors and expected connections relate only to connections of their own tenant.',
  needs: ['labels'],
  boundary: all(eachTenantHasItsOwnZone, noPathJoinsTenants, datagramsHaveTheZoneOfTheirLastPiece, commandsKnowZones),
  check,
  canaries: [tenantsShareAZone(check), ipv6SharesAZone(check)],
};
