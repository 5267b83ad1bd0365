/**
 * Default zone: no zone is zone 0.
 *
 * One thing does tell them apart, in Linux as in the model: where a datagram's first piece was given an early zone 0
 * explicitly, a late zone of its last piece's device comes too late, because the first assignment counts; and so it is
 * with rules that stand behind each other, and where a command says two zones. All that is outside the boundary.
 */
import { firstDifferenceOfRuns } from '../../spec/outcome.ts';
import type { Event } from '../../spec/trace/event.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { DEFAULT_ZONE, type ZoneId } from '../../spec/zone.ts';
import { type Canary, type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { run } from '../run.ts';
import type { Capabilities } from '../subject.ts';
import { all, commandsSayOneZone, zoneZeroKeepsNothingAway, zoneIdOf } from '../tenants.ts';
import { withDevices } from './canaries.ts';

const checkWith =
  (explicitId: (capabilities: Capabilities) => ZoneId): Check =>
  async (subject, trace) => {
    if (!meetsZoneZero(trace)) return premiseNotMet;
    const turned = await run(subject, turnedAround(trace, explicitId(subject.capabilities)));
    const difference = firstDifferenceOfRuns(await run(subject, trace), turned);
    return difference ? violated(difference) : held;
  };

/** A packet arrives on a device in zone 0. */
const meetsZoneZero = ({ events, network }: Trace): boolean => {
  const inZoneZero = new Set(network.devices.filter((device) => zoneIdOf(device) === DEFAULT_ZONE).map((device) => device.name));
  return events.some((event) => event.kind === 'receive' && inZoneZero.has(event.device));
};

/** Where zone 0 was said it is left out, and where it was left out it is said. A flush or a dump without a zone is of all. */
const turnedAround = (trace: Trace, explicitId: ZoneId): Trace =>
  withDevices({ ...trace, events: trace.events.map(turnedCommand) }, (device) => ({
    ...device,
    passes: device.passes.map((pass) => {
      if (pass.zone === undefined) return { ...pass, zone: { id: explicitId, counts: 'both' } };
      return pass.zone.id === DEFAULT_ZONE ? { assigned: pass.assigned } : pass;
    }),
  }));

const turnedCommand = (event: Event): Event => {
  if (event.kind !== 'control' || event.command === 'flush' || event.command === 'dump' || event.command === 'resize') return event;
  const { zone, ...others } = event;
  if (zone === undefined) return { ...event, zone: { id: DEFAULT_ZONE, counts: 'both' } };
  return zone.id === DEFAULT_ZONE ? others : event;
};

const saidToBeAnother: Canary = {
  id: 'none-against-another',
  sentence: 'Where no zone was said, another zone than 0 is said.',
  fits: () => true,
  check: checkWith(({ zones }) => zones.from),
};

export const defaultZone: Law = {
  id: 'default-zone',
  sentence: "An explicit zone 0 and no zone can't be told apart.",
  needs: [],
  boundary: all(zoneZeroKeepsNothingAway, commandsSayOneZone),
  check: checkWith(() => DEFAULT_ZONE),
  canaries: [saidToBeAnother],
};
