/**
 * Shard files: the result of a part of a run, to be merged on another machine.
 */
import { z } from 'zod';
import { BREACHES } from '../../properties/law.ts';
import { ERAS } from '../../spec/era.ts';
import { TERRAINS } from '../../properties/terrain.ts';
import { messageOf, BadInput } from './errors.ts';
import type { Result } from './result.ts';
import { validTrace } from './trace-file.ts';

const FORMAT = 'zoneproof-shard-1';

/** A shard holds counters and at most a few traces a law. */
export const SHARD_FILE_BYTES = 256 * 1024 * 1024;

export const shardFileName = ({ plan: { shard } }: Result): string => `shard-${shard.index}-of-${shard.of}.json`;

export const SHARD_FILE_NAME = /^shard-\d+-of-\d+\.json$/;

export const shardText = (result: Result): string => `${JSON.stringify({ format: FORMAT, ...result }, undefined, 1)}\n`;

const count = z.int().min(0);
const counts = z.record(z.string(), count);
const what = z.enum([...BREACHES, 'hang']);
const breach = z.strictObject({ what, event: count, tenant: z.exactOptional(count), beyond: z.exactOptional(z.string()), expected: z.string(), seen: z.string() });
const canaryBreach = breach.extend({ what: what.exclude(['hang']) });
const sightings = z.record(z.string(), z.strictObject({ count, lowest: z.array(z.strictObject({ index: count, breach })) }));
const trace = z.unknown().transform((data) => validTrace(data, 'a trace in it'));
const schema = z.strictObject({
  format: z.literal(FORMAT),
  zoneproof: z.string(),
  plan: z.strictObject({
    subject: z.string(),
    laws: z.array(z.string()),
    asked: z.boolean(),
    seed: count,
    terrain: z.enum(TERRAINS),
    ovsRoot: z.exactOptional(z.string()),
    runs: count,
    shard: z.strictObject({ index: z.int().min(1), of: z.int().min(1) }),
  }),
  description: z.strictObject({
    subject: z.string(),
    version: z.string(),
    profile: z.strictObject({
      udpStream: z.enum(['after-two-seconds', 'never']),
      udpLiteChecksum: z.enum(['udp-lite', 'linux']),
      tcpLongTimer: z.enum(['two-minutes', 'two-seconds']),
      datapath: z.enum(['linux', 'open-vswitch']),
      ovsMajor: z.union([z.literal(3), z.literal(4)]),
    }),
    eras: z.array(z.enum(ERAS)),
    laws: z.array(z.strictObject({ id: z.string(), sentence: z.string(), unmet: z.exactOptional(z.string()), canaries: z.array(z.string()) })),
    known: z.array(z.strictObject({ id: z.string(), title: z.string() })),
  }),
  canaries: z.array(
    z.strictObject({
      law: z.string(),
      canary: z.string(),
      searched: count,
      found: z.exactOptional(z.strictObject({ index: count, breach: canaryBreach, trace })),
      problem: z.exactOptional(z.string()),
    }),
  ),
  tally: z.strictObject({
    traces: count,
    digest: z.string().regex(/^[0-9a-f]{16}$/),
    excluded: counts,
    incomparable: counts,
    unspecified: counts,
    rules: counts,
    confirmed: counts,
    laws: z.record(z.string(), z.strictObject({ judged: count, premise: count, outside: counts, violated: sightings, flaky: sightings, known: count, findings: counts })),
  }),
  known: z.array(z.strictObject({ finding: z.string(), problem: z.exactOptional(z.string()) })),
  failures: z.array(
    z.strictObject({ law: z.string(), what, index: count, flaky: z.boolean(), breach, trace, minimal: z.boolean(), signature: z.string() }),
  ),
  interrupted: z.literal(false),
});

/** @throws BadInput with one sentence. */
export const parseShard = (text: string, file: string): Result => {
  try {
    const { format: _, ...result } = schema.parse(JSON.parse(text));
    return result;
  } catch (error) {
    const reason = error instanceof z.ZodError ? `${error.issues[0]?.path.join('.') ?? ''}: ${error.issues[0]?.message ?? ''}` : messageOf(error);
    throw new BadInput(`${file} is not a shard's result (${reason}); give what verify --shard wrote.`, { cause: error });
  }
};
