/** Reply symmetry: what left as new can be answered, and the answer is known for one. */
import { firstDifference } from '../../spec/outcome.ts';
import type { Event, EventId } from '../../spec/trace/event.ts';
import type { Label, Outcome } from '../../spec/trace/outcome.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { GRE, ICMP, SCTP, TCP } from '../../spec/trace/transport.ts';
import { readTransport, writeTransport } from '../../spec/wire/transport.ts';
import { DEFAULT_ZONE } from '../../spec/zone.ts';
import { type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { run } from '../run.ts';
import { all, type Boundary, halvesAnswerEachOther, leadsThroughPairs, datagramsHaveTheZoneOfTheirLastPiece, isTracked, outcomeOf, tenantOf, zoneIdOf, zonesCountInBothDirections } from '../tenants.ts';
import { changed, freshId, withDevices } from './canaries.ts';

const check: Check = async (subject, trace) => {
  const [answered, answers] = withAnswers(trace);
  const outcomes = await run(subject, answered);
  const isOvs = subject.capabilities.profile.datapath === 'open-vswitch';
  const makers = makersOf(outcomes);
  let met = false;
  for (const [id, answer] of answers) {
    const asked = outcomeOf(outcomes, id);
    // In Open vSwitch what is its own answer never is a reply, of two that open at once both are new, and zeros have no checksum.
    if (isOvs && (goesToItself(asked) || !isMaker(makers, asked) || isAnsweredByZeros(asked))) continue;
    const seen = outcomeOf(outcomes, answer);
    const pass = asked.passes[0];
    if (pass?.state !== 'new' || asked.left.length === 0 || seen.skipped) continue;
    met = true;
    const { zone, connection } = pass;
    const expected = { ...seen, passes: [{ state: 'established', zone, direction: 'reply', connection } as const] };
    const difference = firstDifference([asked, expected], [asked, seen]);
    const tenant = tenantOf(trace, id);
    if (difference) return violated({ ...difference, event: id, ...(tenant === undefined ? {} : { tenant }) });
  }
  return met ? held : premiseNotMet;
};

const goesToItself = ({ left: [departure] }: Outcome): boolean => {
  const piece = departure?.pieces[0];
  return piece !== undefined && piece.kind !== 'raw' && piece.source === piece.destination;
};

/** An echo request of identifier and sequence number 0. */
const isAnsweredByZeros = ({ left: [departure] }: Outcome): boolean => {
  const piece = departure?.pieces[0];
  if (piece === undefined || piece.kind !== 'ipv4' || piece.protocol !== ICMP) return false;
  const message = readTransport(piece, writeTransport(piece));
  return message.kind !== 'icmp' || message.identifier + message.sequence === 0;
};

/** Where the first packet of each connection came from. */
const makersOf = (outcomes: readonly Outcome[]): ReadonlyMap<Label, string> => {
  const makers = new Map<Label, string>();
  for (const { passes: [pass], left: [departure] } of outcomes) {
    const piece = departure?.pieces[0];
    if (pass && 'connection' in pass && piece && piece.kind !== 'raw' && !makers.has(pass.connection)) makers.set(pass.connection, piece.source);
  }
  return makers;
};

/** Whether a packet leaves as that did which made its connection. */
const isMaker = (makers: ReadonlyMap<Label, string>, { passes: [pass], left: [departure] }: Outcome): boolean => {
  const piece = departure?.pieces[0];
  return !pass || !('connection' in pass) || !piece || piece.kind === 'raw' || makers.get(pass.connection) === piece.source;
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
  const devices = new Map(network.devices.map((device) => [device.name, device]));
  for (const device of network.devices) {
    const exit = devices.get(device.exit);
    if (!exit || !isTracked(device)) continue;
    if (!isTracked(exit)) return `${device.name} leads to where nothing is tracked`;
    if (zoneIdOf(exit) !== zoneIdOf(device)) return `${device.name} leads into another zone`;
  }
  return true;
};

/** What an answer meets there on its way is for another law to say (tunnels). */
const pathsAreShort: Boundary = ({ network }) => !leadsThroughPairs(network) || 'packets are tracked more than once';

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
      ? { ...device, passes: device.passes.map(({ assigned }) => ({ zone: { id: free, counts: 'both' }, assigned })) }
      : device,
  );
};

export const replySymmetry: Law = {
  id: 'reply-symmetry',
  sentence: "If a packet that has a minimal answer left as new, that answer as the next event in that zone is established and a reply.",
  needs: [],
  boundary: all(
    pathsAreShort,
    zonesCountInBothDirections,
    pathsStayInTheirZone,
    datagramsHaveTheZoneOfTheirLastPiece,
    halvesAnswerEachOther,
    nothingIsCreatedMidway,
  ),
  check,
  canaries: [changed('other-zone', 'The answer enters another zone.', pathsLeadElsewhere, check)],
};
