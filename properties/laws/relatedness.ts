/** Relatedness: what is related to a connection is related to one of its own tenant, and to one that was there before. */
import type { Label } from '../../spec/trace/outcome.ts';
import { type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { run } from '../run.ts';
import { all, commandsKnowZones, eachTenantHasItsOwnZone, datagramsHaveTheZoneOfTheirLastPiece, noPathJoinsTenants, tenantOf } from '../tenants.ts';
import { ipv6SharesAZone, tenantsShareAZone } from './canaries.ts';

const check: Check = async (subject, trace) => {
  /** Who sent the first packet of each connection. */
  const owners = new Map<Label, number | undefined>();
  /** Of whom connections were made by control, whose labels are not known until they are met. */
  const given = new Set<number | undefined>();
  const creations = new Set(trace.events.flatMap((event) => (event.kind === 'control' && event.command === 'create' ? [event.id] : [])));
  let met = false;
  for (const { event, passes, told } of await run(subject, trace)) {
    const tenant = tenantOf(trace, event);
    if (creations.has(event) && told?.kind === 'done') given.add(tenant);
    for (const pass of passes) {
      if (!('connection' in pass)) continue;
      if (pass.state !== 'related' || given.has(tenant)) {
        if (!owners.has(pass.connection)) owners.set(pass.connection, tenant);
      }
      if (pass.state !== 'related') continue;
      met = true;
      if (owners.has(pass.connection) && owners.get(pass.connection) === tenant) continue;
      const owner = owners.has(pass.connection) ? `tenant ${owners.get(pass.connection)}'s connection` : 'a connection that nobody made';
      return violated({ what: 'connection', event, ...(tenant === undefined ? {} : { tenant }), expected: 'a connection of its own tenant', seen: owner });
    }
  }
  return met ? held : premiseNotMet;
};

export const relatedness: Law = {
  id: 'relatedness',
  sentence: 'ICMP errors and expected connections relate only to connections of their own tenant.',
  needs: ['labels'],
  boundary: all(eachTenantHasItsOwnZone, noPathJoinsTenants, datagramsHaveTheZoneOfTheirLastPiece, commandsKnowZones),
  check,
  canaries: [tenantsShareAZone(check), ipv6SharesAZone(check)],
};
