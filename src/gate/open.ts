/**
 * Opening: from the names that people give to the kit that they mean.
 */
import { explanationOf } from '../../properties/laws/refinement.ts';
import { laws as allLaws } from '../../properties/laws/index.ts';
import { moves } from '../../properties/reduce.ts';
import { run } from '../../properties/run.ts';
import { traceFor } from '../../properties/generate/index.ts';
import type { Law } from '../../properties/law.ts';
import type { Subject } from '../../properties/subject.ts';
import { onTerrain } from '../../properties/terrain.ts';
import { asInconclusive, BadInput, Inconclusive, messageOf } from './errors.ts';
import { appliesTo } from './finding.ts';
import type { Kit, KitOptions } from './kit.ts';
import { modelSubject } from '../subjects/model.ts';

export const SUBJECTS = ['engine', 'model', 'linux', 'ovs'] as const;

export type SubjectName = (typeof SUBJECTS)[number];

/** @throws BadInput for anything that is not a subject, or not yet. */
export const subjectNamed = (name: string): SubjectName => {
  const known = SUBJECTS.find((subject) => subject === name);
  if (known) return known;
  if (name.startsWith('exec:')) throw new BadInput(`The subject ${name} is not available yet; choose one of ${SUBJECTS.join(', ')}.`);
  throw new BadInput(`There is no subject ${name}; choose one of ${SUBJECTS.join(', ')}.`);
};

/** The laws of these ids in the order of the list, or all if there are none. @throws BadInput for an unknown id. */
export const lawsNamed = (ids: readonly string[]): readonly Law[] => {
  const unknown = ids.find((id) => !allLaws.some((law) => law.id === id));
  if (unknown !== undefined) {
    throw new BadInput(`There is no law ${unknown}; choose from ${allLaws.map(({ id }) => `'${id}'`).join(', ')}.`);
  }
  return ids.length === 0 ? allLaws : allLaws.filter(({ id }) => ids.includes(id));
};

/** @throws BadInput for an unknown id. */
const lawNamed = (id: string): Law => {
  const [law] = lawsNamed([id]);
  if (!law) throw new Error(`The law ${id} got lost.`);
  return law;
};

/** @throws Inconclusive if the subject is missing or fails to start. */
export const openKit = async ({ subject: name, laws, seed, terrain, known: findings = [], ...where }: KitOptions): Promise<Kit> => {
  const known = subjectNamed(name);
  const subject = await openSubject(known, where);
  const { capabilities } = subject;
  return {
    subject,
    foreign: known === 'linux' || known === 'ovs',
    laws: lawsNamed(laws).map((law) => onTerrain(law, terrain)),
    known: findings.filter((finding) => appliesTo(finding, subject)),
    lawOn: (id, on) => onTerrain(lawNamed(id), on),
    model: { ...modelSubject(capabilities.profile), capabilities },
    traceFor: (index) => traceFor(seed, index, capabilities, terrain),
    moves,
    run,
    explain: (trace) => explanationOf(subject, trace),
  };
};

type Where = Pick<KitOptions, 'ovsRoot'>;

const openSubject = async (name: SubjectName, where: Where): Promise<Subject> => {
  try {
    return await OPENERS[name](where);
  } catch (error) {
    const missing = asInconclusive(error);
    throw new Inconclusive(`The subject ${name} cannot be started: ${missing?.message ?? messageOf(error)}`, { cause: error });
  }
};

/** Loaded when asked for: a subject may need what is not on every machine. */
const OPENERS: Record<SubjectName, (where: Where) => Promise<Subject>> = {
  engine: async () => (await import('../subjects/engine.ts')).engineSubject(),
  model: async () => modelSubject(),
  linux: async () => (await import('../subjects/linux/index.ts')).openLinux(),
  ovs: async ({ ovsRoot }) => (await import('../subjects/ovs/index.ts')).openOvs(ovsRoot === undefined ? {} : { root: ovsRoot }),
};
