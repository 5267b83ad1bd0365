/**
 * `zoneproof doctor`: which subjects can run here, and what is missing.
 */
import { Command } from 'commander';
import { messageOf } from '../gate/errors.ts';
import { openKit, SUBJECTS } from '../gate/open.ts';
import type { SubjectName } from '../gate/open.ts';
import { EXIT } from '../gate/summary.ts';
import type { ProbeStep } from '../subjects/probe.ts';
import { ovsRootOption, subjectOption } from './options.ts';
import { print } from './print.ts';

export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('Say which subjects can run here, and what is missing.')
    .addOption(subjectOption().default(undefined, 'all'))
    .addOption(ovsRootOption())
    .addHelpText('after', '\nExit code 0 if the subject can run (of all: the engine), else 3.\n\nExamples:\n  zoneproof doctor\n  zoneproof doctor --subject linux')
    .action(async ({ subject, ovsRoot }: { readonly subject?: SubjectName; readonly ovsRoot?: string }) => {
      const findings: Finding[] = [];
      for (const name of subject ? [subject] : SUBJECTS) findings.push(await FINDERS[name](ovsRoot));
      print([...findings.flatMap(({ lines }) => lines), ...(subject ? [] : ["exec:'CMD': not available yet"])]);
      process.exitCode = findings[0]?.ok ? EXIT.held : EXIT.inconclusive;
    });

type Finding = { readonly ok: boolean; readonly lines: readonly string[] };

const openable = async (name: 'engine' | 'model'): Promise<Finding> => {
  try {
    const { subject } = await openKit({ subject: name, laws: [], seed: 0, terrain: 'apart' });
    await subject.close();
    return { ok: true, lines: [`${name}: can run (${subject.version})`] };
  } catch (error) {
    return { ok: false, lines: [`${name}: cannot run: ${messageOf(error)}`] };
  }
};

const linux = async (): Promise<Finding> => {
  const { probeLinux } = await import('../subjects/linux/index.ts');
  return finding('linux', await probeLinux());
};

const ovs = async (root: string | undefined): Promise<Finding> => {
  const { probeOvs } = await import('../subjects/ovs/index.ts');
  return finding('ovs', await probeOvs(root === undefined ? {} : { root }));
};

/** The steps that a subject has to pass, and what helps where one fails. */
const finding = (name: SubjectName, steps: readonly ProbeStep[]): Finding => {
  const failed = steps.find(({ ok }) => !ok);
  const remedy = failed?.remedy === undefined ? '' : `; ${failed.remedy}`;
  const lines = [
    failed ? `${name}: cannot run: missing ${failed.name} (${failed.detail})${remedy}` : `${name}: can run`,
    ...steps.map((step) => `  ${markOf(step, failed)}  ${step.name}: ${step.detail}`),
  ];
  return { ok: !failed, lines };
};

const FINDERS: Readonly<Record<SubjectName, (ovsRoot: string | undefined) => Promise<Finding>>> = {
  engine: () => openable('engine'),
  model: () => openable('model'),
  linux,
  ovs,
};

/** Steps behind the first that fails were not tried. */
const markOf = (step: { readonly ok: boolean }, failed: { readonly ok: boolean } | undefined): string => {
  if (step.ok) return 'ok     ';
  return step === failed ? 'missing' : '-      ';
};
