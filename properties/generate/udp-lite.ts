/**
 * UDP-Lite: datagrams to and fro, of which the checksum covers all, the header, or some blocks of the payload.
 */
import { lengthOf } from '../../spec/trace/packet.ts';
import { exchange, payloadOf, type Stage, type Turn } from './stage.ts';

export const udpLiteTurns = (stage: Stage): readonly Turn[] => {
  const { dice, features, pools } = stage;
  const ports = { inside: dice.among(...pools.ports), outside: dice.among(...pools.ports) };
  return exchange(stage, (from, to, number) => {
    const payload = payloadOf(stage, number, dice.among(...pools.sizes));
    const coverage = Math.min(dice.among(0, 8, 8 + lengthOf(payload), 16, 13), 8 + lengthOf(payload));
    return {
      payload: { kind: 'udp-lite', sourcePort: ports[from], destinationPort: ports[to], coverage, checksum: features.udpLiteChecksum, payload },
    };
  });
};
