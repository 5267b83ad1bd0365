/**
 * Protocols that tracking knows by number only: ESP, IPIP, DCCP and numbers at both ends; over IPv4 also 0
 * and ICMPv6, which does not belong. Over IPv6, 0 is a header that is skipped, and what ICMP does there is not modelled.
 */
import { exchange, payloadOf, type Stage, type Turn } from './stage.ts';

export const genericTurns = (stage: Stage): readonly Turn[] => {
  const { dice, pools, version } = stage;
  const protocol = version === 6 ? dice.among(50, 50, 4, 33, 255) : dice.chance(95) ? dice.among(50, 50, 4, 33, 0, 255) : 58;
  return exchange(stage, (_from, _to, number) => ({
    protocol,
    payload: { kind: 'opaque', bytes: payloadOf(stage, number, dice.among(...pools.sizes)), why: 'protocol' },
  }));
};
