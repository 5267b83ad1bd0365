/** Constancy: what is known of a connection is not forgotten while it lives. */
import type { EventId } from '../../spec/trace/event.ts';
import type { Label, Outcome } from '../../spec/trace/outcome.ts';
import type { ZoneId } from '../../spec/zone.ts';
import { listsOtherZones, listsWithoutStatus } from '../faults.ts';
import { type Breach, type Canary, type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { run } from '../run.ts';
import type { Capabilities, Subject } from '../subject.ts';
import { outcomeOf } from '../tenants.ts';

const check: Check = async (subject, trace) => {
  if (!trace.events.some((event) => event.kind === 'control')) return premiseNotMet;
  const outcomes = await run(subject, trace);
  const known = new Map<Label, Known>();
  let met = false;
  for (const { id } of trace.events) {
    for (const sight of sightsIn(outcomeOf(outcomes, id), tellsReplies(subject.capabilities))) {
      const before = known.get(sight.connection);
      const breach = before && breachOf(id, before, sight);
      if (breach) return violated(breach);
      met ||= sight.listed && before !== undefined;
      known.set(sight.connection, { zone: sight.zone, bits: [...new Set([...(before?.bits ?? []), ...sight.bits])] });
    }
  }
  return met ? held : premiseNotMet;
};

type Bit = 'seen-reply' | 'assured' | 'confirmed';
type Known = { readonly zone: ZoneId; readonly bits: readonly Bit[] };
/** A look at a connection. A list tells every bit; a packet only that a reply was seen. */
type Sight = Known & { readonly connection: Label; readonly listed: boolean };

/** A list of Open vSwitch says nothing of replies. */
const tellsReplies = ({ profile }: Capabilities): boolean => profile.datapath === 'linux';

const sightsIn = ({ passes, told }: Outcome, tellReplies: boolean): readonly Sight[] => [
  ...passes.flatMap((pass): readonly Sight[] => {
    if (!('zone' in pass)) return [];
    const bits: readonly Bit[] = tellReplies && pass.state === 'established' ? ['seen-reply'] : [];
    return [{ connection: pass.connection, zone: pass.zone, bits, listed: false }];
  }),
  ...(told?.kind === 'list' ? told.connections : []).map(({ connection, zone, seenReply, assured, confirmed }): Sight => {
    const bits: readonly (Bit | false)[] = [seenReply && 'seen-reply', assured && 'assured', confirmed && 'confirmed'];
    return { connection, zone, bits: bits.filter((bit) => bit !== false), listed: true };
  }),
];

const breachOf = (event: EventId, before: Known, { zone, bits, listed }: Sight): Breach | undefined => {
  if (zone !== before.zone) return { what: 'zone', event, expected: `zone ${before.zone}, as before`, seen: `zone ${zone}` };
  const fallen = listed ? before.bits.find((bit) => !bits.includes(bit)) : undefined;
  return fallen && { what: 'list', event, expected: `${fallen}, as before`, seen: `not ${fallen}` };
};

const wrapped = (id: string, sentence: string, wrap: (subject: Subject) => Subject, isTold: Canary['fits'] = () => true): Canary => ({
  id,
  sentence,
  fits: (capabilities) => (capabilities.commands.includes('get') || capabilities.commands.includes('dump')) && isTold(capabilities),
  check: (subject, trace) => check(wrap(subject), trace),
});

export const constancy: Law = {
  id: 'constancy',
  sentence: 'Status bits only rise, and the zone of a connection never changes.',
  needs: ['labels', 'dump'],
  boundary: () => true,
  check,
  canaries: [
    wrapped('status-forgotten', 'The subject lists connections as if no reply had been seen.', listsWithoutStatus, tellsReplies),
    wrapped('zone-changed', 'The subject lists connections under other zones than it tracks packets in.', listsOtherZones),
  ],
};
