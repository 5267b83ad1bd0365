/** Reassembly: fragments that tile a datagram make it, at the moment they do; no other tenant's fragments have a part in it. */
import type { Event } from '../../spec/trace/event.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import { type Bytes, fragmentOf as partOf, headerLength, type Ip, isFragment } from '../../spec/trace/packet.ts';
import { transportLength, writeTransport } from '../../spec/wire/transport.ts';
import { type Breach, type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { run } from '../run.ts';
import type { Capabilities } from '../subject.ts';
import { all, halvesAnswerEachOther, noFragmentIsPassedOn, nothingIsLimited, nothingIsTranslated, outcomeOf, tenantOf, tenantsAreApart } from '../tenants.ts';
import { assignedAfterDefragmentation, fragmentDistanceOfTwo, ipv6AssignedAfterDefragmentation, kernelsOwnDistance, tenantsShareAZone } from './canaries.ts';
import { type Group, tile, type Tiling } from './tiling.ts';

const check: Check = async (subject, trace) => {
  if (!trace.events.some(fragmentOf)) return premiseNotMet;
  const outcomes = await run(subject, trace);
  const groups = new Map<number | undefined, Map<string, Group>>();
  const { timeouts } = trace.network;
  let nowMs = 0;
  let met = false;
  for (const event of trace.events) {
    if (event.kind === 'advance') nowMs += event.milliseconds;
    const fragment = fragmentOf(event);
    if (!fragment) continue;
    const tenant = tenantOf(trace, event.id);
    const own = groups.get(tenant) ?? new Map<string, Group>();
    groups.set(tenant, own);
    const outcome = outcomeOf(outcomes, event.id);
    if (isTooShort(fragment, subject.capabilities)) {
      if (!wentAlone(fragment, outcome)) return violated({ ...ALONE, event: event.id, ...(tenant === undefined ? {} : { tenant }) });
      continue;
    }
    const tiling = tile(own, fragment, nowMs, fragment.kind === 'ipv4' ? timeouts.fragmentMs : timeouts.fragment6Ms);
    const breach = isSentOn(tiling, subject.capabilities) && wentAlone(fragment, outcome) ? undefined : breachOf(tiling, outcome);
    if (breach) return violated({ ...breach, event: event.id, ...(tenant === undefined ? {} : { tenant }) });
    met ||= tiling.kind === 'complete';
  }
  return met ? held : premiseNotMet;
};

/** An admitted fragment, or IPv6 with a fragment header; what IP itself refuses, no datagram is made of. */
const fragmentOf = (event: Event): Ip | undefined => {
  if (event.kind !== 'receive' || event.packet.kind === 'raw' || event.packet.length !== 'right') return undefined;
  const { packet } = event;
  if (packet.kind === 'ipv6') return packet.extensions.some(({ kind }) => kind === 'fragment') ? packet : undefined;
  return isFragment(packet) && packet.checksum === 'right' ? packet : undefined;
};

/** What may not wait for others goes on alone, and no more is known of it than that. */
const isTooShort = (fragment: Ip, { leastFragment = 0 }: Capabilities): boolean =>
  isFragment(fragment) && (partOf(fragment)?.mf ?? false) && headerLength(fragment) + transportLength(fragment.payload) < leastFragment;

const ALONE = { what: 'completion', expected: 'it goes on alone: it is too short to wait', seen: 'something else' } as const;

const wentAlone = (fragment: Ip, { passes, left }: Outcome): boolean => {
  const piece = left[0]?.pieces[0];
  return passes.every(({ state }) => state === 'invalid') && left.length === 1 && left[0]?.pieces.length === 1 && piece !== undefined && piece.kind !== 'raw' && dataOf(piece) === dataOf(fragment);
};

/** Where fragments may go on alone, one that is there already does. */
const isSentOn = (tiling: Tiling, { leastFragment = 0 }: Capabilities): boolean => leastFragment > 0 && tiling.kind === 'held' && tiling.again;

const breachOf = (tiling: Tiling, { left }: Outcome): Omit<Breach, 'event'> | undefined => {
  if (tiling.kind === 'unclear') return undefined;
  if (tiling.kind === 'held') {
    return left.length === 0 ? undefined : { what: 'completion', expected: 'held: the datagram has holes', seen: 'a datagram left' };
  }
  const [departure, more] = left;
  if (!departure || more) return { what: 'completion', expected: 'the datagram leaves: it is whole', seen: `${left.length} datagrams left` };
  const bytes = departure.pieces.map(dataOf).join('');
  return bytes === tiling.bytes ? undefined : { what: 'bytes', expected: 'the bytes of its own fragments', seen: 'other bytes' };
};

/** A datagram leaves in pieces, or in one that could be cut and was not; a small one of IPv6 whole. */
const dataOf = (piece: Outcome['left'][number]['pieces'][number]): Bytes => (piece.kind === 'raw' ? '' : writeTransport(piece));

export const reassembly: Law = {
  id: 'reassembly',
  sentence:
    "A datagram completes exactly when its fragments tile it with no other fragment of that key in that zone, within time and budget; and then it holds that tenant's bytes only.",
  needs: [],
  /** A datagram that is dropped after it was put together is not seen. */
  boundary: all(tenantsAreApart, noFragmentIsPassedOn, halvesAnswerEachOther, nothingIsTranslated, nothingIsLimited),
  check,
  canaries: [
    tenantsShareAZone(check),
    assignedAfterDefragmentation(check),
    ipv6AssignedAfterDefragmentation(check),
    fragmentDistanceOfTwo(check),
    kernelsOwnDistance(check),
  ],
};
