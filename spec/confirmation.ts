/**
 * Confirmation: a connection enters the table when its first packet leaves.
 *
 * If the packet is dropped on the way, the connection is forgotten as if it had never been made. It clashes if one of its
 * halves is another connection's by now. Packets that follow each other cannot make the original half clash, because
 * lookup would have found it. The reply half is another's if control made a connection whose halves do not answer each
 * other, and where zones count in the original direction only: equal flows of two such zones have one reply in zone 0.
 * With packets in flight together or translation there are more ways.
 *
 * Source: __nf_conntrack_confirm(), nf_ct_resolve_clash(), nf_confirm() at POST_ROUTING and LOCAL_IN.
 */
import type { Connection } from './connection.ts';
import { zoneIsFull } from './counting.ts';
import { type Era, eraOf, knows, TODAY } from './era.ts';
import { answers } from './lookup.ts';
import type { Rules } from './rule.ts';
import type { Network } from './trace/network.ts';
import { isUndirected, type Zone } from './zone.ts';

export const confirmationRules = {
  'confirmation.confirmed': {
    sentence: 'The first packet of a connection reached its end: the connection enters the table, both halves.',
    source: '__nf_conntrack_confirm()',
  },
  'confirmation.clash': {
    sentence: "The reply half of a new connection is another one's already: its packet is dropped, and it was never there.",
    source: '__nf_conntrack_confirm(), nf_ct_resolve_clash_harder()',
  },
  'confirmation.same-direction': {
    sentence: 'Where the new one has two ids for its zone, its halves are compared with those of the same direction only.',
    source: '__nf_conntrack_confirm(), hash_conntrack(); since Linux 5.15',
    eras: ['linux-6.8'],
  },
  'confirmation.all-halves': {
    sentence: 'Where the new one has two ids for its zone, each of its halves is compared with halves of both directions, by the id of theirs.',
    source: '__nf_conntrack_confirm(), nf_ct_key_equal(), before Linux 5.15: the zone is not hashed',
    eras: ['linux-4.3'],
  },
  'confirmation.forgotten': {
    sentence: 'The first packet of a connection was dropped after tracking: the connection was never there.',
    source: 'nf_conntrack_destroy() of an unconfirmed entry',
  },
} as const satisfies Rules;

export type Confirmation = {
  readonly rule: 'confirmation.confirmed' | 'confirmation.clash' | 'confirmation.forgotten' | 'counting.zone-full';
  readonly connections: readonly Connection[];
};

/** The table after the fate of an unconfirmed connection's packet is known. A clash or a full zone drops the packet after all. */
export const confirm = (
  connections: readonly Connection[],
  connection: Connection,
  arrived: boolean,
  network: Network,
): Confirmation => {
  if (!arrived) return { rule: 'confirmation.forgotten', connections };
  if (zoneIsFull(connections, connection, network)) return { rule: 'counting.zone-full', connections };
  const era = eraOf(network);
  return connections.some((other) => clash(other, connection, era))
    ? { rule: 'confirmation.clash', connections }
    : { rule: 'confirmation.confirmed', connections: [...connections, connection] };
};

/**
 * Whether a connection owns a half of a new one. Halves of one direction are always compared; an original with a reply
 * half only if the new one looks for both in one place, as its zone is the same in both directions.
 */
export const clash = (owner: Connection, { original, reply, zone }: Connection, era: Era = TODAY): boolean =>
  answers(owner, 'original', original, zone) ||
  answers(owner, 'reply', reply, zone) ||
  (comparison(zone, era)[0] !== 'confirmation.same-direction' && (answers(owner, 'original', reply, zone) || answers(owner, 'reply', original, zone)));

/** The rule by which halves of a new connection are compared, where that is a question. */
export const comparison = (zone: Zone | undefined, era: Era = TODAY): readonly ('confirmation.same-direction' | 'confirmation.all-halves')[] => {
  if (isUndirected(zone)) return [];
  return [knows(era, 'linux-6.8') ? 'confirmation.same-direction' : 'confirmation.all-halves'];
};
