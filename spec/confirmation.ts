/**
 * Confirmation: a connection enters the table when its first packet leaves.
 *
 * If the packet is dropped on the way, the connection is forgotten as if it had never been made. A clash (another
 * connection took one of the tuples in between) needs packets in flight together, directions or translation; packets
 * that follow each other in undirected zones cannot clash, because what would clash would have been found by lookup.
 *
 * Source: __nf_conntrack_confirm(), nf_confirm() at POST_ROUTING and LOCAL_IN.
 */
import type { Connection } from './connection.ts';
import type { Rules } from './rule.ts';

export const confirmationRules = {
  'confirmation.confirmed': {
    sentence: 'The first packet of a connection reached its end: the connection enters the table, both halves.',
    source: '__nf_conntrack_confirm()',
  },
  'confirmation.forgotten': {
    sentence: 'The first packet of a connection was dropped after tracking: the connection was never there.',
    source: 'nf_conntrack_destroy() of an unconfirmed entry',
  },
} as const satisfies Rules;

export type Confirmation = {
  readonly rule: keyof typeof confirmationRules;
  readonly connections: readonly Connection[];
};

/** The table after the fate of an unconfirmed connection's packet is known. */
export const confirm = (
  connections: readonly Connection[],
  connection: Connection,
  arrived: boolean,
): Confirmation =>
  arrived
    ? { rule: 'confirmation.confirmed', connections: [...connections, connection] }
    : { rule: 'confirmation.forgotten', connections };
