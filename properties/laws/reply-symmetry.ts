/** Reply symmetry: what left as new can be answered, and the answer is known for one. */
import { firstDifference } from '../../spec/outcome.ts';
import type { Event, EventId } from '../../spec/trace/event.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { GRE, SCTP, TCP } from '../../spec/trace/transport.ts';
import { DEFAULT_ZONE } from '../../spec/zone.ts';
import { type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { run } from '../run.ts';
import { all, type Boundary, halvesAnswerEachOther, noLateZoneBesideAnEarlyZoneZero, outcomeOf, tenantOf, zoneIdOf } from '../tenants.ts';
import { changed, freshId, withDevices } from './canaries.ts';

const check: Check = async (subject, trace) => {
  const [answered, answers] = withAnswers(trace);
  const outcomes = await run(subject, answered);
  let met = false;
  for (const [id, answer] of answers) {
    const asked = outcomeOf(outcomes, id);
    const seen = outcomeOf(outcomes, answer);
    const pass = asked.passes[0];
    if (pass?.state !== 'new' || asked.left.length === 0 || seen.skipped) continue;
    met = true;
    const expected = { ...seen, passes: [{ ...pass, state: 'established', direction: 'reply' } as const] };
    const difference = firstDifference([asked, expected], [asked, seen]);
    const tenant = tenantOf(trace, id);
    if (difference) return violated({ ...difference, event: id, ...(tenant === undefined ? {} : { tenant }) });
  }
  return met ? held : premiseNotMet;
};

/** Every packet is answered as the next event. Gives the answers' ids by what they answer. */
const withAnswers = (trace: Trace): readonly [Trace, ReadonlyMap<EventId, EventId>] => {
  const answers = new Map<EventId, EventId>();
  let id = freshId(trace);
  const events = trace.events.flatMap((event): readonly Event[] => {
    if (event.kind !== 'receive') return [event];
    answers.set(event.id, id);
    return [event, { kind: 'answer', id: id++, to: event.id }];
  });
  return [{ ...trace, events }, answers];
};

/** An answer enters where the packet left, so both ends of a path have to be in one zone, in both directions. */
const pathsStayInTheirZone: Boundary = ({ network }) => {
  const zones = new Map(network.devices.map((device) => [device.name, zoneIdOf(device)]));
  const joint = network.devices.find((device) => zones.get(device.name) !== zones.get(device.exit));
  if (joint) return `${joint.name} leads into another zone`;
  const directed = network.devices.find((device) => (device.passes[0]?.zone?.counts ?? 'both') !== 'both');
  return directed ? `the zone of ${directed.name} counts in one direction only` : true;
};

/** Control may make a connection in the middle of what its protocol does, or one that the next packet ends. */
const nothingIsCreatedMidway: Boundary = ({ events }) =>
  events.every((event) => event.kind !== 'control' || event.command !== 'create' || !WITH_STATES.has(event.original.protocol)) ||
  'a connection was created of a protocol that remembers more than its tuple';

const WITH_STATES: ReadonlySet<number> = new Set([TCP, SCTP, GRE]);

/** Of the two ends of a path, the one that is named later gets a zone of its own. */
const pathsLeadElsewhere = (trace: Trace): Trace => {
  const used = new Set(trace.network.devices.map(zoneIdOf));
  let free = DEFAULT_ZONE;
  while (used.has(free)) free += 1;
  return withDevices(trace, (device) =>
    device.name > device.exit
      ? { ...device, passes: device.passes.map((pass) => ({ ...pass, zone: { id: free, counts: 'both' } })) }
      : device,
  );
};

export const replySymmetry: Law = {
  id: 'reply-symmetry',
  sentence: "If a packet that has a minimal answer left as new, that answer as the next event in that zone is established and a reply.",
  needs: [],
  boundary: all(pathsStayInTheirZone, noLateZoneBesideAnEarlyZoneZero, halvesAnswerEachOther, nothingIsCreatedMidway),
  check,
  canaries: [changed('other-zone', 'The answer enters another zone.', pathsLeadElsewhere, check)],
};
