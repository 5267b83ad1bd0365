/**
 * UDP: datagrams to and fro, each with a colour of its own.
 */
import { exchange, payloadOf, type Stage, type Turn } from './stage.ts';

export const udpTurns = (stage: Stage): readonly Turn[] => {
  const { dice, features, pools } = stage;
  const ports = { inside: dice.among(...pools.ports), outside: dice.among(...pools.ports) };
  return exchange(stage, (from, to, number) => ({
    payload: {
      kind: 'udp',
      sourcePort: ports[from],
      destinationPort: ports[to],
      length: 'right',
      checksum: features.headers && dice.chance(10) ? 'none' : 'right',
      payload: payloadOf(stage, number, dice.among(...pools.sizes)),
    },
  }));
};
