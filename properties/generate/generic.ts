/**
 * Protocols that tracking knows by number only: ESP, IPIP, DCCP and numbers at both ends, over IPv4 also 0, which is a
 * header over IPv6; and the ICMP of the other version, which does not belong.
 */
import type { Bytes } from '../../spec/trace/packet.ts';
import type { Version } from './features.ts';
import { exchange, payloadOf, type Stage, type Turn } from './stage.ts';

/** Of the other version. */
const ECHO_REQUESTS: Readonly<Record<Version, Bytes>> = { 4: '8000000003e80001', 6: '0800000003e80001' };

export const genericTurns = (stage: Stage): readonly Turn[] => {
  const { dice, pools, version } = stage;
  const [other, lowest] = version === 6 ? [1, 50] : [58, 0];
  const protocol = dice.chance(95) ? dice.among(50, 50, 4, 33, lowest, 255) : other;
  const header = protocol === other ? ECHO_REQUESTS[version] : '';
  return exchange(stage, (_from, _to, number) => ({
    protocol,
    payload: { kind: 'opaque', bytes: header + payloadOf(stage, number, dice.among(...pools.sizes)), why: 'protocol' },
  }));
};
