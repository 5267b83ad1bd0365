/**
 * What a plain user needs: the process started again as root of a user namespace of its own.
 *
 * A process with several threads, as Node is, cannot enter a user namespace, so `unshare` does it before Node starts.
 */
import { readFileSync } from 'node:fs';

/** Set by the wrapper, so that a wrapped process that still lacks the capability is not wrapped again. */
const WRAPPED = 'ZONEPROOF_WRAPPED';
/** The bit of CAP_SYS_ADMIN, include/uapi/linux/capability.h. */
const CAP_SYS_ADMIN = 21n;

/** Whether this process may not make network namespaces, and a wrapped one might. */
export const needsNamespaceWrapper = (): boolean =>
  process.platform === 'linux' && process.env[WRAPPED] === undefined && !maySysAdmin();

const maySysAdmin = (): boolean => {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) === 1n;
};

/** The command that runs `command` (a program and its arguments) as root of new user and network namespaces. */
export const reexecCommand = (command: readonly string[]): readonly string[] => [
  'unshare',
  '--user',
  '--map-root-user',
  '--net',
  'env',
  `${WRAPPED}=1`,
  ...command,
];
