/** One owner: within a zone, a tuple belongs to one connection; and whoever asks for the tuple, packet or list, meets that one. */
import type { Event } from '../../spec/trace/event.ts';
import { listedText, tupleText } from '../../spec/outcome.ts';
import type { Label, Listed, Outcome } from '../../spec/trace/outcome.ts';
import { isFragment } from '../../spec/trace/packet.ts';
import { sameTuple, type Tuple, tupleOf } from '../../spec/tuple.ts';
import { type ZoneId, zoneOf } from '../../spec/zone.ts';
import { listsWithoutZones } from '../faults.ts';
import { type Breach, type Canary, type Check, held, type Law, premiseNotMet, violated } from '../law.ts';
import { run } from '../run.ts';
import { outcomeOf, zonesCountInBothDirections } from '../tenants.ts';

const check: Check = async (subject, trace) => {
  if (!trace.events.some((event) => event.kind === 'control' && event.command === 'dump')) return premiseNotMet;
  const outcomes = await run(subject, trace);
  let met = false;
  let listed: Owners = new Map();
  for (const event of trace.events) {
    const outcome = outcomeOf(outcomes, event.id);
    if (event.kind === 'control' && event.command === 'dump' && outcome.told?.kind === 'list') {
      const owners = ownersIn(outcome.told.connections);
      if ('rival' in owners) return violated({ what: 'list', event: event.id, expected: `one owner of ${listedText(owners.owner)}`, seen: listedText(owners.rival) });
      met ||= owners.size > 0;
      listed = owners;
      continue;
    }
    // A packet changes the table, and what it did not change the next list tells.
    const breach = event.kind === 'receive' ? strangerMet(event, outcome, listed) : undefined;
    if (breach) return violated(breach);
    listed = new Map();
  }
  return met ? held : premiseNotMet;
};

type Owners = ReadonlyMap<string, Listed>;

const keyOf = (zone: ZoneId, tuple: Tuple): string => `${zone} ${tupleText(tuple)}`;

/** Who owns what, or two that own the same. */
const ownersIn = (connections: readonly Listed[]): Owners | { readonly owner: Listed; readonly rival: Listed } => {
  const owners = new Map<string, Listed>();
  for (const connection of connections) {
    for (const direction of ['original', 'reply'] as const) {
      const key = keyOf(zoneOf({ id: connection.zone, counts: connection.counts ?? 'both' }, direction), connection[direction]);
      const owner = owners.get(key) ?? connection;
      if (owner !== connection) return { owner, rival: connection };
      owners.set(key, connection);
    }
  }
  return owners;
};

/** The packet next to a list met another connection, or another half of it, than the list says. */
const strangerMet = (event: Extract<Event, { kind: 'receive' }>, { passes: [pass] }: Outcome, listed: Owners): Breach | undefined => {
  const { packet } = event;
  if (!pass || !('zone' in pass) || packet.kind === 'raw' || isFragment(packet) || packet.payload.kind !== 'udp') return undefined;
  const tuple = tupleOf(packet, packet.payload);
  const owner = listed.get(keyOf(pass.zone, tuple));
  if (!owner) return undefined;
  if (owner.connection !== pass.connection) return { what: 'connection', event: event.id, expected: nameOf(owner.connection), seen: nameOf(pass.connection) };
  const direction = sameTuple(owner.reply, tuple) ? 'reply' : 'original';
  return pass.direction === direction ? undefined : { what: 'direction', event: event.id, expected: direction, seen: pass.direction };
};

const nameOf = (label: Label): string => `connection ${label}`;

const zoneIgnored: Canary = {
  id: 'zone-ignored',
  sentence: 'The subject lists connections as if there were no zones.',
  fits: ({ commands }) => commands.includes('dump'),
  check: (subject, trace) => check(listsWithoutZones(subject), trace),
};

export const oneOwner: Law = {
  id: 'one-owner',
  sentence: 'For a tuple and zone at most one connection answers; if a tuple is its own inverse, its reply half.',
  needs: ['labels', 'dump'],
  /**
   * Whatever shares a zone shares its tuples, and each has one owner; but where zones count in one direction, the original
   * half of one connection and the reply half of another may both answer in zone 0.
   */
  boundary: zonesCountInBothDirections,
  check,
  canaries: [zoneIgnored],
};
