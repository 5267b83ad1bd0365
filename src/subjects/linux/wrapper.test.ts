/** Tests of the wrapper, by being wrapped. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { reexecCommand } from './wrapper.ts';

const run = (program: readonly string[]) => {
  const [command = '', ...args] = reexecCommand(program);
  return spawnSync(command, args, { encoding: 'utf8' });
};
const allowed = run(['true']).status === 0;

test.skipIf(!allowed)(`a wrapped command is root in a network of its own${allowed ? '' : ' (not checked: no user namespaces)'}`, () => {
  const { stdout } = run(['sh', '-c', 'id -u; grep -c : /proc/net/dev; echo "$0 $ZONEPROOF_WRAPPED"', 'an argument']);
  expect(stdout).toBe('0\n1\nan argument 1\n');
});
