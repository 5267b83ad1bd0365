/**
 * Assignment: how a packet comes by its zone.
 *
 * A packet carries something that no byte of it says: a mark, and a *template* that says where tracking is to look, or
 * that it is not to be tracked at all. Rules attach it, each language in its own way; tracking takes the template off. So
 * a template lives from the rule that attached it to the tracking of the same pass, and no longer: what a packet finds on
 * another device, it finds without one, while the mark stays.
 *
 * Defragmentation comes in between, and sees as much of a template as is attached by then.
 *
 * Source: nft_ct_set_zone_eval(), nft_notrack_eval(), xt_ct_target(), notrack_tg(), nf_ct_zone_tmpl(),
 * nf_ct_defrag_user(), skb_scrub_packet().
 */
import { match } from 'ts-pattern';
import { type Era, SINCE_2010, SINCE_4_3, TODAY } from './era.ts';
import type { Rules } from './rule.ts';
import type { Device, Time, ZoneRule } from './trace/network.ts';
import { DEFAULT_ZONE, type Zone, type ZoneId, zoneOf } from './zone.ts';

export const assignmentRules = {
  'assignment.device': {
    sentence: 'A zone is a number of the device, and fragments that arrive there wait in it, whatever comes when.',
    source: 'the RFC: "a numerical identifier associated with a network device"',
    eras: ['rfc-2010'],
  },
  'assignment.zone': {
    sentence: 'A rule gives a zone to a packet that has none yet.',
    source: 'nft_ct_set_zone_eval(), xt_ct_target()',
    eras: SINCE_2010,
  },
  'assignment.not-first': {
    sentence: 'The first assignment counts: a packet that has a zone, be it zone 0, keeps it, and is tracked in it.',
    source: 'nft_ct_set_zone_eval(), xt_ct_target(), nft_notrack_eval(), notrack_tg(): skb->_nfct is set',
    eras: SINCE_2010,
  },
  'assignment.mark': {
    sentence: 'A mark is a number that a packet carries beside its bytes; a new one takes the place of the old.',
    source: 'nft_meta_set_eval()',
    eras: SINCE_4_3,
  },
  'assignment.mark-at-once': {
    sentence: 'nft takes the zone from the mark at once: the lower 16 bits of it are the id.',
    source: 'nft_ct_set_zone_eval()',
    eras: SINCE_4_3,
  },
  'assignment.mark-when-tracked': {
    sentence: 'iptables takes it from the mark that the packet has when it is tracked; until then the id is 0.',
    source: 'nf_ct_zone_tmpl(), NF_CT_FLAG_MARK',
    eras: SINCE_4_3,
  },
  'assignment.notrack': {
    sentence: 'A packet without a zone that is not to be tracked is in no zone, has no connection, and is not put together with others.',
    source: 'nft_notrack_eval(), notrack_tg(), IP_CT_UNTRACKED; ipv4_conntrack_defrag(), nf_conntrack_in()',
    eras: SINCE_2010,
  },
  'assignment.notrack-undone': {
    sentence: 'A zone that nft gives to a packet which was not to be tracked undoes that.',
    source: 'nft_ct_set_zone_eval(), which looks for a connection only',
    eras: SINCE_4_3,
  },
  'assignment.notrack-stays': {
    sentence: 'iptables gives no zone to a packet that is not to be tracked.',
    source: 'xt_ct_target(), skb->_nfct is set',
    eras: SINCE_2010,
  },
} as const satisfies Rules;

type AssignmentRule = keyof typeof assignmentRules;

/** What a packet carries beside its bytes. */
export type Attached = {
  /** 0..2^32-1; 0 if it has none. */
  readonly mark: number;
  readonly tracking?: Template | 'off';
};

/** Says where tracking is to look, and, once it is known, what zone a connection gets. */
export type Template = {
  readonly id: ZoneId | 'mark';
  readonly counts: Zone['counts'];
};

type Assigned = { readonly attached: Attached; readonly rules: readonly AssignmentRule[] };

/** What a packet carries that has met nobody. */
export const NOTHING_ATTACHED: Attached = { mark: 0 };

/** A packet meets what its device assigns at this time: the device's own zone, as by a rule of nft, and then rules one by one. */
export const assign = (attached: Attached, { passes: [pass] }: Device, time: Time, era: Era = TODAY): Assigned => {
  if (era === 'rfc-2010') return time === 'before-defragmentation' && pass?.zone ? { attached: { mark: attached.mark, tracking: pass.zone }, rules: ['assignment.device'] } : { attached, rules: [] };
  const own = pass?.assigned === time && pass.zone ? inZone(attached, pass.zone, 'nft', []) : { attached, rules: [] };
  // A device's own zone is no rule, so there is nothing to say of it where it is alone.
  const begin: Assigned = { attached: own.attached, rules: own.rules.filter((rule) => rule !== 'assignment.zone') };
  return (pass?.rules ?? []).filter(({ assigned }) => assigned === time).reduce(meet, begin);
};

const meet = ({ attached, rules }: Assigned, zoneRule: ZoneRule): Assigned => {
  const after = match(zoneRule)
    .returnType<Assigned>()
    .with({ does: 'mark' }, ({ mark }) => ({ attached: { ...attached, mark }, rules: ['assignment.mark'] }))
    .with({ does: 'notrack' }, () => notTracked(attached))
    .with({ does: 'zone' }, ({ zone, language }) => inZone(attached, zone, language, []))
    .with({ does: 'zone-from-mark', language: 'nft' }, ({ counts, language }) =>
      inZone(attached, { id: idIn(attached.mark), counts }, language, ['assignment.mark-at-once']),
    )
    .with({ does: 'zone-from-mark', language: 'iptables' }, ({ counts, language }) =>
      inZone(attached, { id: 'mark', counts }, language, ['assignment.mark-when-tracked']),
    )
    .exhaustive();
  return { attached: after.attached, rules: [...rules, ...after.rules] };
};

const notTracked = (attached: Attached): Assigned =>
  attached.tracking === undefined
    ? { attached: { ...attached, tracking: 'off' }, rules: ['assignment.notrack'] }
    : { attached, rules: attached.tracking === 'off' ? [] : ['assignment.not-first'] };

const inZone = (attached: Attached, template: Template, language: ZoneRule['language'], why: readonly AssignmentRule[]): Assigned => {
  const { tracking } = attached;
  if (tracking !== undefined && tracking !== 'off') return { attached, rules: ['assignment.not-first'] };
  if (tracking === 'off' && language === 'iptables') return { attached, rules: ['assignment.notrack-stays'] };
  const rule = tracking === 'off' ? 'assignment.notrack-undone' : 'assignment.zone';
  return { attached: { mark: attached.mark, tracking: template }, rules: [rule, ...why] };
};

const idIn = (mark: number): ZoneId => mark & 0xffff;

/** The zone in which tracking looks; undefined: in the default zone, since nobody said one. */
export const zoneFor = ({ mark, tracking }: Attached): Zone | undefined => {
  if (tracking === undefined || tracking === 'off') return undefined;
  return { id: tracking.id === 'mark' ? idIn(mark) : tracking.id, counts: tracking.counts };
};

/**
 * The zone in whose queues a fragment waits: what the template itself says for the original direction, as a template has
 * no other; of a mark it says nothing.
 */
export const queueZone = ({ tracking }: Attached): ZoneId =>
  tracking === undefined || tracking === 'off' || tracking.id === 'mark' ? DEFAULT_ZONE : zoneOf({ id: tracking.id, counts: tracking.counts }, 'original');
