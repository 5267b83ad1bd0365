/**
 * `zoneproof doctor`: which subjects can run here, and what is missing.
 */
import { Command } from 'commander';
import { messageOf } from '../gate/errors.ts';
import { openKit } from '../gate/open.ts';
import { EXIT } from '../gate/summary.ts';
import { print } from './print.ts';

export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('Say which subjects can run here, and what is missing.')
    .addHelpText('after', '\nExample:\n  zoneproof doctor')
    .action(async () => {
      const engine = await openable('engine');
      print([...engine.lines, ...(await openable('model')).lines, ...(await linuxLines()), 'ovs: not available yet', "exec:'CMD': not available yet"]);
      process.exitCode = engine.ok ? EXIT.held : EXIT.inconclusive;
    });

const openable = async (name: 'engine' | 'model'): Promise<{ readonly ok: boolean; readonly lines: readonly string[] }> => {
  try {
    const { subject } = await openKit({ subject: name, laws: [], seed: 0, terrain: 'apart' });
    await subject.close();
    return { ok: true, lines: [`${name}: can run (${subject.version})`] };
  } catch (error) {
    return { ok: false, lines: [`${name}: cannot run: ${messageOf(error)}`] };
  }
};

/** The steps that a kernel has to pass, and what helps where one fails. */
const linuxLines = async (): Promise<readonly string[]> => {
  const { probeLinux } = await import('../subjects/linux/index.ts');
  const steps = await probeLinux();
  const failed = steps.find(({ ok }) => !ok);
  const remedy = failed?.remedy === undefined ? '' : `; ${failed.remedy}`;
  return [
    failed ? `linux: cannot run: missing ${failed.name} (${failed.detail})${remedy}` : 'linux: can run',
    ...steps.map((step) => `  ${markOf(step, failed)}  ${step.name}: ${step.detail}`),
  ];
};

/** Steps behind the first that fails were not tried. */
const markOf = (step: { readonly ok: boolean }, failed: { readonly ok: boolean } | undefined): string => {
  if (step.ok) return 'ok     ';
  return step === failed ? 'missing' : '-      ';
};
