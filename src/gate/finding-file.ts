/**
 * Finding files: `NAME.finding.json` says what there is to know of a finding, `NAME.trace.json` beside it is its trace.
 */
import { z } from 'zod';
import { BREACHES } from '../../properties/law.ts';
import { laws } from '../../properties/laws/index.ts';
import type { Pattern } from '../../properties/pattern.ts';
import { SETTING_NAMES } from '../../properties/remedies.ts';
import { TERRAINS } from '../../properties/terrain.ts';
import { BadInput } from './errors.ts';
import type { Finding } from './finding.ts';
import { fromJson, parseTrace, problemOf } from './trace-file.ts';
import { CRASH } from './verdict.ts';

/** What a finding's files may hold at most, and how many findings a directory. */
export const FINDING_LIMITS = { fileBytes: 8 * 1024 * 1024, findings: 1000, paragraphs: 40 } as const;

const SUFFIX = '.finding.json';

const text = z.string().min(1).max(4000);
const versionText = z.string().regex(/^\d+(\.\d+)*$/, { error: 'must be numbers with dots, such as 6.18' });
const law = z.enum([CRASH.id, ...laws.map(({ id }) => id)], { error: 'must be the id of a law' });
const what = z.enum(BREACHES);
const pattern: z.ZodType<Pattern> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(pattern), z.strictObject({ from: z.number(), to: z.number() }), z.record(z.string(), pattern)]),
);
const recognise = z.strictObject({
  laws: z.array(law).min(1),
  breach: pattern,
  remedies: z
    .array(z.union([z.enum(SETTING_NAMES), z.strictObject({ without: pattern, except: z.exactOptional(z.array(law).min(1)) })], { error: `must be one of ${SETTING_NAMES.join(', ')}, or {"without": a pattern of events}` }))
    .min(1, { error: 'must be one or more' }),
  enough: z.union(
    [z.literal('the-model-breaks-it-alike'), z.strictObject({ only: pattern, least: z.exactOptional(z.int().min(1)), tries: z.exactOptional(z.int().min(1).max(100)) }), z.strictObject({ reduced: z.array(pattern).min(1).max(200) })],
    { error: 'must be the-model-breaks-it-alike, {"only": a pattern of events} or {"reduced": a pattern for each event}' },
  ),
});
const schema = z.strictObject({
  version: z.literal(1, { error: 'must be 1; other versions are not available yet' }),
  title: text.max(300),
  engine: text.max(40),
  versions: z.strictObject({ from: z.exactOptional(versionText), before: z.exactOptional(versionText) }),
  breaks: z.strictObject({ law, terrain: z.enum(TERRAINS), what, event: z.int().min(0) }),
  recognise,
  story: z.strictObject({ text: z.array(text).min(1).max(FINDING_LIMITS.paragraphs), avoid: text, upstream: text, found: text }),
});

/** A directory as findings are read from it: the names in it, and the text of a file by its name and the most bytes that it may have. */
export type Folder = { readonly path: string; readonly names: readonly string[]; readonly read: (name: string, limitBytes: number) => string };

/** The findings in a directory, in the order of their names. @throws BadInput with one sentence: the file, the place, what it must be. */
export const findingsIn = ({ path, names, read }: Folder): readonly Finding[] => {
  const found = names.filter((name) => name.endsWith(SUFFIX)).toSorted();
  if (found.length === 0) throw new BadInput(`${path} holds no NAME${SUFFIX}; give a directory of findings, such as golden/findings.`);
  if (found.length > FINDING_LIMITS.findings) throw new BadInput(`${path} holds ${found.length} findings; give a directory of at most ${FINDING_LIMITS.findings}.`);
  return found.map((name) => {
    const id = name.slice(0, -SUFFIX.length);
    const traceName = `${id}.trace.json`;
    if (!names.includes(traceName)) throw new BadInput(`${path}/${name} has no trace beside it; put it into ${traceName}.`);
    return parseFinding(id, `${path}/${name}`, read(name, FINDING_LIMITS.fileBytes), parseTrace(read(traceName, FINDING_LIMITS.fileBytes), `${path}/${traceName}`));
  });
};

const parseFinding = (id: string, file: string, content: string, trace: Finding['trace']): Finding => {
  const parsed = schema.safeParse(fromJson(content, file, 'give a finding as golden/findings holds them'));
  if (!parsed.success) throw new BadInput(`${file}: ${problemOf(parsed.error)}.`);
  const { version: _, ...finding } = parsed.data;
  if (!trace.events.some((event) => event.id === finding.breaks.event)) throw new BadInput(`${file}: breaks.event ${finding.breaks.event} must be the id of an event of its trace.`);
  if (!finding.recognise.laws.includes(finding.breaks.law)) throw new BadInput(`${file}: recognise.laws must name ${finding.breaks.law}, which its own trace breaks.`);
  return { id, ...finding, trace };
};
