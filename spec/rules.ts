/**
 * All rules of the specification, by id. A chapter's rules stand in the chapter; here they only meet.
 */
import { confirmationRules } from './confirmation.ts';
import { connectionRules } from './connection.ts';
import { controlRules } from './control.ts';
import { forwardingRules } from './forwarding.ts';
import { fragmentRules } from './fragments.ts';
import { lookupRules } from './lookup.ts';
import { packetRules } from './packet.ts';
import { udpRules } from './udp.ts';

export const rules = {
  ...packetRules,
  ...fragmentRules,
  ...udpRules,
  ...lookupRules,
  ...confirmationRules,
  ...connectionRules,
  ...forwardingRules,
  ...controlRules,
} as const;

export type RuleId = keyof typeof rules;
