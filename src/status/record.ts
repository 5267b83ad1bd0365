/**
 * Records: what one run confirmed on one subject, kept beside the specification until the next run.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { BadInput, messageOf } from '../gate/errors.ts';
import type { Result } from '../gate/result.ts';
import { summarise } from '../gate/summary.ts';
import type { Counts } from '../gate/tally.ts';

const count = z.int().min(0);
const counts = z.record(z.string(), count);
const schema = z.strictObject({
  subject: z.string(),
  /** What was judged: a package version, a kernel release. */
  version: z.string(),
  zoneproof: z.string(),
  seed: count,
  traces: count,
  /** Traces that the subject could not play, by reason. */
  excluded: counts,
  /** Traces whose outcomes could not be compared with the model's, by reason. */
  incomparable: counts,
  /** Events of which the model says nothing, by reason. */
  unspecified: counts,
  laws: z.array(z.strictObject({ law: z.string(), result: z.string(), why: z.exactOptional(z.string()), judged: count, premise: count })),
  /** Traces in which each rule decided outcomes that were compared and agreed. */
  confirmed: counts,
});

export type StatusRecord = z.infer<typeof schema>;

/** Where records are kept, from the root of the repository: one file a subject. */
export const RECORDS = 'spec/status';

export const recordOf = (result: Result): StatusRecord => {
  const { zoneproof, plan, description, tally } = result;
  return {
    subject: description.subject,
    version: description.version,
    zoneproof,
    seed: plan.seed,
    traces: tally.traces,
    excluded: sorted(tally.excluded),
    incomparable: sorted(tally.incomparable),
    unspecified: sorted(tally.unspecified),
    laws: summarise(result).rows.map(({ law, result: said, why, judged, premise }) => ({ law, result: said, ...(why === undefined ? {} : { why }), judged, premise })),
    confirmed: sorted(tally.confirmed),
  };
};

export const writeRecord = (record: StatusRecord): void =>
  writeFileSync(`${RECORDS}/${record.subject}.json`, `${JSON.stringify(record, undefined, 1)}\n`);

/** In the order of their subjects' names. @throws BadInput for a file that is no record. */
export const readRecords = (): readonly StatusRecord[] =>
  readdirSync(RECORDS)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => {
      try {
        return schema.parse(JSON.parse(readFileSync(`${RECORDS}/${name}`, 'utf8')));
      } catch (error) {
        throw new BadInput(`${RECORDS}/${name} is not a status record (${messageOf(error).split('\n')[0] ?? ''}); write it anew with npm run status.`, { cause: error });
      }
    });

/** Keys in one order, however the counts came together. */
const sorted = (unordered: Counts): Counts => Object.fromEntries(Object.entries(unordered).toSorted(([a], [b]) => (a < b ? -1 : 1)));
