/**
 * UDP: datagrams to and fro, each with a colour of its own.
 */
import { ipv4 } from '../../spec/trace/packet.ts';
import { LAST_PACKET } from '../colours.ts';
import { header, payloadOf, type Stage, type Turn } from './stage.ts';

export const udpTurns = (stage: Stage): readonly Turn[] => {
  const { dice, features, pools, hosts, firstPacket } = stage;
  const ports = { inside: dice.among(...pools.ports), outside: dice.among(...pools.ports) };
  const length = dice.heavyTail(features.large ? 64 : 8);
  const turns: Turn[] = [];
  for (let turn = 0; turn < length; turn += 1) {
    const outward = turn === 0 ? dice.chance(85) : dice.chance(55);
    const [from, to] = outward ? (['inside', 'outside'] as const) : (['outside', 'inside'] as const);
    const number = (firstPacket + turn) % (LAST_PACKET + 1);
    const packet = ipv4({
      source: hosts[from],
      destination: hosts[to],
      ...header(stage),
      payload: {
        kind: 'udp',
        sourcePort: ports[from],
        destinationPort: ports[to],
        length: 'right',
        checksum: features.headers && dice.chance(10) ? 'none' : 'right',
        payload: payloadOf(stage, number, dice.among(...pools.sizes)),
      },
    });
    turns.push({ outward, packet });
  }
  return turns;
};
