/**
 * Protocols that tracking knows by number only: ESP, IPIP, DCCP and numbers at both ends; ICMPv6, which does not belong.
 */
import { exchange, payloadOf, type Stage, type Turn } from './stage.ts';

export const genericTurns = (stage: Stage): readonly Turn[] => {
  const { dice, pools } = stage;
  const protocol = dice.chance(95) ? dice.among(50, 50, 4, 33, 0, 255) : 58;
  return exchange(stage, (_from, _to, number) => ({
    protocol,
    payload: { kind: 'opaque', bytes: payloadOf(stage, number, dice.among(...pools.sizes)), why: 'protocol' },
  }));
};
