/**
 * The wrapper: a plain user has no network namespaces, but may make some as root of a user namespace, so the command
 * starts itself again inside one.
 */
import { spawn } from 'node:child_process';
import { Inconclusive } from '../gate/errors.ts';
import { EXIT } from '../gate/summary.ts';

/** True if the command was done by a wrapped copy of this process, whose exit code is then this one's. */
export const wrapped = async (subject: string): Promise<boolean> => {
  if (subject !== 'linux') return false;
  const { needsNamespaceWrapper, reexecCommand } = await import('../subjects/linux/index.ts');
  if (!needsNamespaceWrapper()) return false;
  const [command = '', ...args] = reexecCommand([process.execPath, ...process.argv.slice(1)]);
  process.exitCode = await exitCodeOf(command, args);
  return true;
};

const exitCodeOf = (command: string, args: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit' });
    // Whoever stops this process means the copy, which ends in order while this process waits.
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on('SIGINT', forward);
    process.on('SIGTERM', forward);
    const done = (): void => {
      process.off('SIGINT', forward);
      process.off('SIGTERM', forward);
    };
    child.on('error', (error) => {
      done();
      reject(new Inconclusive(`The subject linux needs ${command}, which does not start (${error.message}); run as root, or see zoneproof doctor.`));
    });
    child.on('exit', (code) => {
      done();
      resolve(code ?? EXIT.inconclusive);
    });
  });
