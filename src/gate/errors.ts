/**
 * The two ways in which a command ends without having judged anything; each is one sentence, never a stack trace.
 */

/** Bad input: says what, where, and what to do. Exit code 2. */
export class BadInput extends Error {}

/** Nothing can be concluded, because a subject is missing or fails to start. Exit code 3. */
export class Inconclusive extends Error {}

/** What was thrown, if it says that a subject went missing: an adapter's error names what is missing and the remedy. */
export const asInconclusive = (thrown: unknown): Inconclusive | undefined => {
  if (thrown instanceof Inconclusive) return thrown;
  if (!(thrown instanceof Error && 'missing' in thrown && 'remedy' in thrown)) return undefined;
  return new Inconclusive(`${String(thrown.missing)} ${String(thrown.remedy)}`);
};

/** One line of whatever was thrown, cut so that it fits a report. */
export const messageOf = (thrown: unknown): string => {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  const line = text.split('\n')[0] ?? '';
  return line.length > 300 ? `${line.slice(0, 300)}..` : line;
};
