/**
 * All rules of the specification, by id. A chapter's rules stand in the chapter; here they only meet.
 */
import { confirmationRules } from './confirmation.ts';
import { connectionRules } from './connection.ts';
import { forwardingRules } from './forwarding.ts';
import { fragmentRules } from './fragments.ts';
import { genericRules } from './generic.ts';
import { greRules } from './gre.ts';
import { lookupRules } from './lookup.ts';
import { packetRules } from './packet.ts';
import { udpLiteRules } from './udp-lite.ts';
import { udpRules } from './udp.ts';

export const rules = {
  ...packetRules,
  ...fragmentRules,
  ...udpRules,
  ...udpLiteRules,
  ...greRules,
  ...genericRules,
  ...lookupRules,
  ...confirmationRules,
  ...connectionRules,
  ...forwardingRules,
} as const;

export type RuleId = keyof typeof rules;
