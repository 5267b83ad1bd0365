/**
 * All rules of the specification, by id. A chapter's rules stand in the chapter; here they only meet.
 */
import { confirmationRules } from './confirmation.ts';
import { connectionRules } from './connection.ts';
import { forwardingRules } from './forwarding.ts';
import { fragmentRules } from './fragments.ts';
import { lookupRules } from './lookup.ts';
import { packetRules } from './packet.ts';
import { resetRules } from './tcp/reset.ts';
import { segmentRules } from './tcp/segment.ts';
import { timerRules } from './tcp/timer.ts';
import { windowRules } from './tcp/window.ts';
import { tcpRules } from './tcp.ts';
import { udpRules } from './udp.ts';

export const rules = {
  ...packetRules,
  ...fragmentRules,
  ...udpRules,
  ...segmentRules,
  ...tcpRules,
  ...resetRules,
  ...windowRules,
  ...timerRules,
  ...lookupRules,
  ...confirmationRules,
  ...connectionRules,
  ...forwardingRules,
} as const;

export type RuleId = keyof typeof rules;
