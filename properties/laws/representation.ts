/**
 * Representation: zones could as well be separate tables. For a black box that means that each tenant, alone in zone 0
 * of a fresh subject, sees the same but for the zone's id.
 */
import { limitOf } from '../../spec/counting.ts';
import type { Network } from '../../spec/trace/network.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { DEFAULT_ZONE } from '../../spec/zone.ts';
import { type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { withZoneIds } from '../passes.ts';
import { activeTenants, all, memoised, noZoneChoosesAnAddress, noZoneChoosesAPort, tenantOfDevice, tenantsAreApart, withCommandZones, zoneIdOf } from '../tenants.ts';
import { withZones } from './accounts.ts';
import { breachOfSolitude } from './alone.ts';
import { tenantsShareAZone, tinySharedMemory } from './canaries.ts';

const check: Check = async (subject, trace) => {
  const somewhereElse = trace.network.devices.some((device) => zoneIdOf(device) !== DEFAULT_ZONE);
  if (activeTenants(trace).length === 0 || !somewhereElse) return premiseNotMet;
  const breach = await breachOfSolitude(
    subject,
    trace,
    (outcomes) => withZones(outcomes, () => DEFAULT_ZONE),
    inZoneZero,
  );
  return breach ? violated(breach) : held;
};

const inZoneZero = (trace: Trace): Trace => ({ ...withCommandZones(trace, () => DEFAULT_ZONE), network: networkInZoneZero(limitedAsAlone(trace)) });

const networkInZoneZero = memoised((network: Network): Network => ({ ...network, devices: network.devices.map((device) => withZoneIds(device, () => DEFAULT_ZONE)) }));

/** The zone of the tenant that is alone has its limit by whatever id. */
const limitedAsAlone = (trace: Trace): Network => {
  const { network } = trace;
  const [tenant] = activeTenants(trace);
  const device = network.devices.find(({ name }) => tenantOfDevice(network, name) === tenant);
  if (!network.limits?.zones || !device) return network;
  const connections = limitOf(network.limits, zoneIdOf(device));
  return { ...network, limits: { ...network.limits, zones: Number.isFinite(connections) ? [{ connections }] : [] } };
};

export const representation: Law = {
  id: 'representation',
  sentence: 'A zone is a table of its own: each tenant sees the same in zone 0 of a fresh subject, but for the id.',
  needs: [],
  boundary: all(tenantsAreApart, noZoneChoosesAnAddress, noZoneChoosesAPort),
  check,
  canaries: [tenantsShareAZone(check), tinySharedMemory(check)],
};
