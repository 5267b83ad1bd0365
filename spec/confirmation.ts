/**
 * Confirmation: a connection enters the table when its first packet leaves.
 *
 * If the packet is dropped on the way, the connection is forgotten as if it had never been made. It clashes if one of its
 * halves is another connection's by now. Packets that follow each other in undirected zones cannot make the original half
 * clash, because lookup would have found it; the reply half is another's only if control made a connection whose halves
 * do not answer each other. With packets in flight together, directions or translation there are more ways.
 *
 * Source: __nf_conntrack_confirm(), nf_ct_resolve_clash(), nf_confirm() at POST_ROUTING and LOCAL_IN.
 */
import type { Connection } from './connection.ts';
import { lookup } from './lookup.ts';
import type { Rules } from './rule.ts';

export const confirmationRules = {
  'confirmation.confirmed': {
    sentence: 'The first packet of a connection reached its end: the connection enters the table, both halves.',
    source: '__nf_conntrack_confirm()',
  },
  'confirmation.clash': {
    sentence: "The reply half of a new connection is another one's already: its packet is dropped, and it was never there.",
    source: '__nf_conntrack_confirm(), nf_ct_resolve_clash_harder()',
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

/** The table after the fate of an unconfirmed connection's packet is known. A clash drops the packet after all. */
export const confirm = (
  connections: readonly Connection[],
  connection: Connection,
  arrived: boolean,
): Confirmation => {
  if (!arrived) return { rule: 'confirmation.forgotten', connections };
  return lookup(connections, connection.reply, connection.zone).rule === 'lookup.nothing'
    ? { rule: 'confirmation.confirmed', connections: [...connections, connection] }
    : { rule: 'confirmation.clash', connections };
};
