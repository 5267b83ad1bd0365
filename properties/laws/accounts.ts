/** Accounts as a law looks at them: the same outcomes, with what the law does not speak about taken out. */
import type { Listed, Outcome, Told } from '../../spec/trace/outcome.ts';
import { DEFAULT_ZONE, type ZoneId } from '../../spec/zone.ts';

/** With other zone ids. */
export const withZones = (outcomes: readonly Outcome[], zoneFor: (zone: ZoneId) => ZoneId): readonly Outcome[] =>
  outcomes.map((outcome) =>
    outcome.passes.length === 0 && outcome.told === undefined
      ? outcome
      : {
          ...outcome,
          passes: outcome.passes.map((pass) => ('zone' in pass ? { ...pass, zone: zoneFor(pass.zone) } : pass)),
          ...(outcome.told && { told: inZones(outcome.told, zoneFor) }),
        },
  );

const inZones = (told: Told, zoneFor: (zone: ZoneId) => ZoneId): Told =>
  told.kind === 'list' ? { ...told, connections: told.connections.map((listed) => inZone(listed, zoneFor(listed.zone))) } : told;

/** Of zone 0 nobody says in which direction it counts. */
const inZone = ({ counts, ...listed }: Listed, zone: ZoneId): Listed => ({ ...listed, zone, ...(counts !== undefined && zone !== DEFAULT_ZONE && { counts }) });

/** What tracking and control said, and nothing about what left. */
export const statesOf = (outcomes: readonly Outcome[]): readonly Outcome[] =>
  outcomes.map((outcome) => ({ ...outcome, left: [] }));
