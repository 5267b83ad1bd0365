/**
 * All rules of the specification, by id. A chapter's rules stand in the chapter; here they only meet.
 */
import { confirmationRules } from './confirmation.ts';
import { connectionRules } from './connection.ts';
import { extensionRules } from './extensions.ts';
import { forwardingRules } from './forwarding.ts';
import { forwarding6Rules } from './forwarding6.ts';
import { fragmentRules } from './fragments.ts';
import { fragment6Rules } from './fragments6.ts';
import { lookupRules } from './lookup.ts';
import { packetRules } from './packet.ts';
import { udpRules } from './udp.ts';

export const rules = {
  ...packetRules,
  ...fragmentRules,
  ...fragment6Rules,
  ...extensionRules,
  ...udpRules,
  ...lookupRules,
  ...confirmationRules,
  ...connectionRules,
  ...forwardingRules,
  ...forwarding6Rules,
} as const;

export type RuleId = keyof typeof rules;
