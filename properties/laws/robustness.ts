/** Robustness: no bytes bring a subject down, and one tenant's garbage is nothing to another. */
import { firstDifferenceOfRuns } from '../../spec/outcome.ts';
import type { Event, EventId } from '../../spec/trace/event.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import type { Packet } from '../../spec/trace/packet.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { isExtension } from '../../spec/wire/extensions.ts';
import { throwsOn } from '../faults.ts';
import { garbage } from '../garbage.ts';
import { type Canary, type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { Crash, run, runFresh } from '../run.ts';
import type { Subject } from '../subject.ts';
import { activeTenants, memoised, seenBy, tenantOf, tenantsAreApart, tenantsOf } from '../tenants.ts';
import { freshId, tenantsShareAZone } from './canaries.ts';

const check: Check = async (subject, trace) => {
  const garbled = withGarbage(trace);
  if (!garbled) return premiseNotMet;
  const clean = await played(subject, trace);
  if (clean instanceof Crash) return crashed(clean, new Map());
  const disturbed = await played(subject, garbled.trace);
  if (disturbed instanceof Crash) return crashed(disturbed, garbled.origins);
  for (const tenant of tenantsOf(trace)) {
    if (tenant === garbled.tenant) continue;
    const difference = firstDifferenceOfRuns(seenBy(tenant, garbled.trace, clean), seenBy(tenant, garbled.trace, disturbed));
    if (difference) return violated({ ...difference, event: originOf(difference.event, garbled.origins), tenant });
  }
  return held;
};

/** The most garbage in one trace. */
const GARBAGE = 12;

type Garbled = {
  readonly tenant: number;
  readonly trace: Trace;
  /** The event that garbage follows, by the garbage's own id, which the trace that was judged does not have. */
  readonly origins: ReadonlyMap<EventId, EventId>;
};

const originOf = (event: EventId, origins: Garbled['origins']): EventId => origins.get(event) ?? event;

/**
 * The first tenant that has packets sends garbage after them, made of them. What kind of garbage depends on the id of
 * the packet's event alone, so that it stays the same while a trace is reduced; neighbours get unlike kinds.
 */
const withGarbage = memoised((trace: Trace): Garbled | undefined => {
  const [tenant] = activeTenants(trace);
  if (tenant === undefined) return undefined;
  let id = freshId(trace);
  const origins = new Map<EventId, EventId>();
  const events = trace.events.flatMap((event): readonly Event[] => {
    if (event.kind !== 'receive' || origins.size === GARBAGE || tenantOf(trace, event.id) !== tenant) return [event];
    origins.set(id, event.id);
    return [event, { ...event, id: id++, packet: garbage(event.packet, event.id * 7) }];
  });
  return origins.size === 0 ? undefined : { tenant, trace: { ...trace, events }, origins };
});

/** What was seen, or the crash, with the event at which it came. */
const played = async (subject: Subject, trace: Trace): Promise<readonly Outcome[] | Crash> => {
  try {
    return await run(subject, trace);
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    return atItsEvent(subject, trace, error);
  }
};

/** The crash came somewhere in a batch; one event at a time tells where, if it comes again. */
const atItsEvent = async (subject: Subject, trace: Trace, crash: Crash): Promise<Crash> => {
  try {
    await runFresh(subject, trace, 1);
    return crash;
  } catch (error) {
    return error instanceof Crash ? error : crash;
  }
};

const crashed = ({ event, message }: Crash, origins: Garbled['origins']) => {
  const expected = origins.has(event) ? 'an outcome for garbage made of this packet' : 'an outcome';
  return violated({ what: 'crash', event: originOf(event, origins), expected, seen: message });
};

const throwing: Canary = {
  id: 'throws',
  sentence: 'The subject throws when a packet is no IPv4 at all, or its header is wrong.',
  fits: ({ rawBytes }) => rawBytes,
  check: (subject, trace) => check(throwsOn(subject, isBad), trace),
};

const isBad = (packet: Packet): boolean => packet.kind === 'raw' || packet.length !== 'right' || (packet.kind === 'ipv4' && packet.checksum !== 'right');

const throwingOnHeaders: Canary = {
  id: 'throws-ipv6',
  sentence: 'The subject throws when a chain of extension headers breaks off.',
  fits: ({ rawBytes, ipv6 }) => rawBytes && ipv6,
  check: (subject, trace) => check(throwsOn(subject, breaksOff), trace),
};

/** An extension header is next, and cannot be read. */
const breaksOff = (packet: Packet): boolean => packet.kind === 'ipv6' && packet.length === 'right' && isExtension(packet.protocol) && packet.payload.kind === 'opaque' && packet.payload.why !== 'fragment';

export const robustness: Law = {
  id: 'robustness',
  sentence: 'No byte sequence crashes a subject or changes what another tenant sees.',
  needs: ['raw bytes'],
  boundary: tenantsAreApart,
  check,
  canaries: [throwing, throwingOnHeaders, tenantsShareAZone(check)],
};
