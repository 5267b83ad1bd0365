/**
 * Open vSwitch as a subject: the connection tracking of its userspace datapath, in two processes of our own.
 */
import type { Subject } from '../../../properties/subject.ts';
import { capabilitiesOf } from './capabilities.ts';
import type { ProbeStep } from '../probe.ts';
import { findInstallation } from './installation.ts';
import { probe } from './probe.ts';
import { limitsOf, startSession } from './session.ts';
import { openSwitch } from './switch.ts';

export { Unavailable } from '../unavailable.ts';

export type OvsOptions = {
  /** The root of an installation; unless given, the system's. */
  readonly root?: string;
};

/** Throws Unavailable if Open vSwitch is not here or does not start. */
export const openOvs = async ({ root }: OvsOptions = {}): Promise<Subject> => {
  const installation = findInstallation(root);
  const ovs = await openSwitch(installation);
  return {
    name: 'ovs',
    version: installation.version,
    capabilities: capabilitiesOf(installation.version),
    open: async (network) => {
      await ovs.clear();
      await ovs.limit(limitsOf(network));
      return startSession(ovs, network);
    },
    close: () => ovs.close(),
  };
};

/** The steps that Open vSwitch has to pass, in order, for `zoneproof doctor`. Never throws; leaves nothing behind. */
export const probeOvs = (options: OvsOptions = {}): Promise<readonly ProbeStep[]> => probe(options.root, () => openOvs(options));
