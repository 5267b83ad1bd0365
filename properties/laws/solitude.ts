/** Solitude: what a tenant sees is what it would see alone. Needs no model, so it judges any black box. */
import { type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { activeTenants, tenantsAreApart } from '../tenants.ts';
import { breachOfSolitude } from './alone.ts';
import { assignedAfterDefragmentation, countedInAllZones, extensionsRunOut, fragmentDistanceOfTwo, ipv6SharesAZone, kernelsOwnDistance, tableIsFull, tenantsShareAZone, tinySharedMemory } from './canaries.ts';

const check: Check = async (subject, trace) => {
  if (activeTenants(trace).length < 2) return premiseNotMet;
  const breach = await breachOfSolitude(subject, trace);
  return breach ? violated(breach) : held;
};

export const solitude: Law = {
  id: 'solitude',
  sentence: 'What a tenant sees is what it would see alone.',
  needs: [],
  boundary: tenantsAreApart,
  check,
  canaries: [
    tenantsShareAZone(check),
    ipv6SharesAZone(check),
    assignedAfterDefragmentation(check),
    fragmentDistanceOfTwo(check),
    kernelsOwnDistance(check),
    // One for each budget that all zones share.
    tinySharedMemory(check),
    tableIsFull(check),
    countedInAllZones(check),
    extensionsRunOut(check),
  ],
};
