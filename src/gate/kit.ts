/**
 * What the gate works with: one subject, the laws put on it, and the tools that belong to them.
 *
 * Everything here is handed in, so the gate's own tests bring small subjects and laws of theirs.
 */
import type { Expected } from '../../spec/outcome.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import type { Capabilities, MaybePromise, Subject } from '../../properties/subject.ts';
import type { Law, Need } from '../../properties/law.ts';
import type { Terrain } from '../../properties/terrain.ts';
import type { Era } from '../../spec/era.ts';
import type { Profile } from '../../spec/profile.ts';
import type { Finding } from './finding.ts';

/** What the model says of one event, and the ids of the rules by which it says so. */
export type Account = Expected & { readonly rules: readonly string[] };

export type Kit = {
  readonly subject: Subject;
  /** Outside this process and beyond our control, so a violation counts only if it reproduces. */
  readonly foreign: boolean;
  readonly laws: readonly Law[];
  /** The trace with this index, always the same. */
  readonly traceFor: (index: number) => Trace;
  /** Smaller traces to try, in the order to try them in. */
  readonly moves: (trace: Trace) => Iterable<Trace>;
  /** Remembered per trace object; a copy of a trace is played anew. */
  readonly run: (subject: Subject, trace: Trace) => MaybePromise<readonly Outcome[]>;
  /** The model's account of a trace that the subject played, under the profile that the subject is judged by. */
  readonly explain: (trace: Trace) => MaybePromise<readonly Account[]>;
  /** The findings that apply to the subject. */
  readonly known: readonly Finding[];
  /** What a finding breaks: a law by its id, on a terrain. */
  readonly lawOn: (id: string, terrain: Terrain) => Law;
  /** The model in the subject's place. */
  readonly model: Subject;
};

/** The arguments that make a kit. */
export type KitOptions = {
  readonly subject: string;
  /** Ids; none: all laws. */
  readonly laws: readonly string[];
  readonly seed: number;
  readonly terrain: Terrain;
  /** Of any engine and version; none if not said. */
  readonly known?: readonly Finding[];
  /** Where another Open vSwitch than the system's is installed. */
  readonly ovsRoot?: string;
};

/** A kit in plain data, so that it can cross to another thread or a file. */
export type Description = {
  readonly subject: string;
  readonly version: string;
  readonly profile: Profile;
  readonly eras: readonly Era[];
  readonly laws: readonly LawDescription[];
  /** The findings that are known of it, in the order in which they are tried. */
  readonly known: readonly KnownDescription[];
};

export type KnownDescription = { readonly id: string; readonly title: string };

export type LawDescription = {
  readonly id: string;
  readonly sentence: string;
  /** Why this law cannot be put on this subject. */
  readonly unmet?: string;
  /** Ids of the canaries that fit this subject. */
  readonly canaries: readonly string[];
};

export const describe = ({ subject, laws, known }: Kit): Description => ({
  subject: subject.name,
  version: subject.version,
  profile: subject.capabilities.profile,
  eras: subject.capabilities.eras,
  laws: laws.map((law) => {
    const unmet = unmetNeed(law, subject.capabilities);
    return {
      id: law.id,
      sentence: law.sentence,
      ...(unmet === undefined ? {} : { unmet }),
      canaries: law.canaries.filter((canary) => canary.fits(subject.capabilities)).map(({ id }) => id),
    };
  }),
  known: known.map(({ id, title }) => ({ id, title })),
});

/** What lacks for a law to be checked on a subject. */
export const unmetNeed = (law: Law, capabilities: Capabilities): string | undefined => {
  if (law.unmet !== undefined) return law.unmet;
  const has: Record<Need, boolean> = {
    labels: capabilities.labels,
    clock: capabilities.clockMs !== false,
    'raw bytes': capabilities.rawBytes,
    control: capabilities.commands.includes('flush') && capabilities.commands.includes('delete'),
    dump: capabilities.commands.includes('dump'),
    nat: capabilities.nat,
    limits: Object.keys(capabilities.limits).length > 0,
  };
  const missing = law.needs.find((need) => !has[need]);
  return missing === undefined ? undefined : `the subject has no ${missing}`;
};
