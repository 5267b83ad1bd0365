/**
 * A trace for each declared divergence: the model itself and the one under the subject's profile must still part on it.
 */
import type { Profile } from '../spec/profile.ts';
import type { Rule } from '../spec/rule.ts';
import { type RuleId, rules } from '../spec/rules.ts';
import type { Trace } from '../spec/trace/trace.ts';
import { openVswitch } from './open-vswitch.ts';
import endsThatDoNotFit from './scenarios/tcp-ends-that-do-not-fit.ts';
import streamAfterTwoSeconds from './scenarios/stream-after-two-seconds.ts';
import udpLiteCoverage from './scenarios/udp-lite-coverage.ts';

const every: Readonly<Record<string, Rule>> = rules;
const underOf = (rule: string): Partial<Profile> => every[rule]?.under ?? {};

export const divergences: Partial<Record<RuleId, { readonly under: Partial<Profile>; readonly trace: Trace }>> = {
  'udp.no-stream': { under: { udpStream: 'never' }, trace: streamAfterTwoSeconds },
  'tcp.invalid-ends-early': { under: { tcpLongTimer: 'two-seconds' }, trace: endsThatDoNotFit },
  'udp-lite.as-linux': { under: { udpLiteChecksum: 'linux' }, trace: udpLiteCoverage },
  ...Object.fromEntries(Object.entries(openVswitch).map(([rule, trace]) => [rule, { under: { datapath: 'open-vswitch', ...underOf(rule) }, trace }])),
};
