/**
 * The probe behind `zoneproof doctor`: whether Open vSwitch can be driven here, step by step, and what helps where it cannot.
 */
import { spawnSync } from 'node:child_process';
import type { Subject } from '../../../properties/subject.ts';
import { NOT_CHECKED, type ProbeStep, TWO_ZONES, twoZones } from '../probe.ts';
import { Unavailable } from '../unavailable.ts';
import { findInstallation } from './installation.ts';

const NAMES = ['platform', 'setpriv', 'Open vSwitch', TWO_ZONES];

/** Runs all steps in order; behind the first that fails the others are not checked. Leaves nothing behind. */
export const probe = async (root: string | undefined, openSubject: () => Promise<Subject>): Promise<readonly ProbeStep[]> => {
  const steps: ProbeStep[] = [];
  for (const step of [platform, setpriv, () => installed(root)]) {
    const done = step();
    steps.push(done);
    if (!done.ok) return withUnchecked(steps);
  }
  return [...steps, await twoZones(openSubject, 'look into what ovs-vswitchd says: run it by hand with --enable-dummy=override')];
};

const withUnchecked = (steps: readonly ProbeStep[]): readonly ProbeStep[] => [
  ...steps,
  ...NAMES.slice(steps.length).map((name) => ({ name, ok: false, detail: NOT_CHECKED })),
];

const platform = (): ProbeStep => {
  const ok = process.platform === 'linux';
  return { name: 'platform', ok, detail: process.platform, ...(ok ? {} : { remedy: 'run on Linux' }) };
};

/** What ends the daemons with whoever started them. */
const setpriv = (): ProbeStep => {
  const { stdout, error } = spawnSync('setpriv', ['--version'], { encoding: 'utf8' });
  return { name: 'setpriv', ok: !error, detail: error?.message ?? stdout.trim(), ...(error ? { remedy: 'install util-linux' } : {}) };
};

const installed = (root: string | undefined): ProbeStep => {
  try {
    return { name: 'Open vSwitch', ok: true, detail: findInstallation(root).version };
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return { name: 'Open vSwitch', ok: false, detail: error.missing, remedy: error.remedy };
  }
};
