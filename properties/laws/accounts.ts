/** Accounts as a law looks at them: the same outcomes, with what the law does not speak about taken out. */
import type { Outcome } from '../../spec/trace/outcome.ts';
import type { ZoneId } from '../../spec/zone.ts';

/** With other zone ids. */
export const withZones = (outcomes: readonly Outcome[], zoneFor: (zone: ZoneId) => ZoneId): readonly Outcome[] =>
  outcomes.map((outcome) =>
    outcome.passes.length === 0
      ? outcome
      : { ...outcome, passes: outcome.passes.map((pass) => ('zone' in pass ? { ...pass, zone: zoneFor(pass.zone) } : pass)) },
  );

/** What tracking said, and nothing about what left. */
export const statesOf = (outcomes: readonly Outcome[]): readonly Outcome[] =>
  outcomes.map(({ event, passes }) => ({ event, passes, left: [] }));
