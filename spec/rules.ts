/**
 * All rules of the specification, by id. A chapter's rules stand in the chapter; here they only meet.
 */
import { assignmentRules } from './assignment.ts';
import { confirmationRules } from './confirmation.ts';
import { connectionRules } from './connection.ts';
import { controlRules } from './control.ts';
import { countingRules } from './counting.ts';
import { type Era, ERAS } from './era.ts';
import { extensionRules } from './extensions.ts';
import { forwardingRules } from './forwarding.ts';
import { forwarding6Rules } from './forwarding6.ts';
import { fragmentRules } from './fragments.ts';
import { fragment6Rules } from './fragments6.ts';
import { genericRules } from './generic.ts';
import { greRules } from './gre.ts';
import { icmpRules } from './icmp.ts';
import { lookupRules } from './lookup.ts';
import { natRules } from './nat.ts';
import { ovsRules } from './open-vswitch/switch.ts';
import { packetRules } from './packet.ts';
import { same } from './plain.ts';
import { type Profile, REFERENCE } from './profile.ts';
import { quoteRules } from './quote.ts';
import { relatedRules } from './related.ts';
import type { Rule } from './rule.ts';
import { sctpChunkRules } from './sctp/chunk.ts';
import { sctpRules } from './sctp.ts';
import { udpLiteRules } from './udp-lite.ts';
import { resetRules } from './tcp/reset.ts';
import { segmentRules } from './tcp/segment.ts';
import { timerRules } from './tcp/timer.ts';
import { windowRules } from './tcp/window.ts';
import { tcpRules } from './tcp.ts';
import { trackingRules } from './tracking.ts';
import { translationRules } from './translation.ts';
import { udpRules } from './udp.ts';

/** What only Linux does. */
const linuxRules = {
  ...packetRules,
  ...assignmentRules,
  ...fragmentRules,
  ...fragment6Rules,
  ...extensionRules,
  ...trackingRules,
  ...udpRules,
  ...segmentRules,
  ...tcpRules,
  ...resetRules,
  ...windowRules,
  ...timerRules,
  ...udpLiteRules,
  ...sctpRules,
  ...sctpChunkRules,
  ...greRules,
  ...genericRules,
  ...icmpRules,
  ...quoteRules,
  ...relatedRules,
  ...lookupRules,
  ...natRules,
  ...translationRules,
  ...countingRules,
  ...confirmationRules,
  ...forwardingRules,
  ...forwarding6Rules,
} as const;

export const rules = {
  ...linuxRules,
  ...connectionRules,
  ...controlRules,
  ...ovsRules,
} as const;

export type RuleId = keyof typeof rules;

/** In the order of the chapters. */
export const ruleIds: readonly RuleId[] = Object.keys(rules).filter((id): id is RuleId => id in rules);

/** The rules that can fire under a profile, in one of these eras. */
export const rulesUnder = (profile: Profile, eras: readonly Era[] = ERAS): readonly RuleId[] =>
  ruleIds.filter((id) => applies(rules[id], profile) && !isElsewhere(id, profile) && erasOf(id).some((era) => eras.includes(era)));

/** The eras in which a rule decides. */
export const erasOf = (id: RuleId): readonly Era[] => {
  const rule: Rule = rules[id];
  return rule.eras ?? ERAS;
};

/** Those of them that the model itself does not have: what the profile is for. */
export const divergencesUnder = (profile: Profile): readonly RuleId[] =>
  rulesUnder(profile).filter((id) => !applies(rules[id], REFERENCE));

const applies = ({ under }: Rule, profile: Profile): boolean => same({ ...profile, ...under }, profile);

const isElsewhere = (id: RuleId, { datapath }: Profile): boolean => datapath !== 'linux' && id in linuxRules;

