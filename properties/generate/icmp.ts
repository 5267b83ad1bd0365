/**
 * ICMP: requests and their answers, of all types, and messages that no tracker can make anything of. Errors are made
 * where packets are known that they can be about (errors.ts).
 */
import { ipv4 } from '../../spec/trace/packet.ts';
import { LAST_PACKET } from '../colours.ts';
import { header, payloadOf, type Stage, type Turn } from './stage.ts';

type Query = readonly [request: number, answer: number];
/** Echo, timestamp, information, address mask. */
const QUERIES: readonly [Query, ...(readonly Query[])] = [[8, 0], [8, 0], [8, 0], [13, 14], [15, 16], [17, 18]];

export const icmpTurns = (stage: Stage): readonly Turn[] => {
  const { dice, features, pools, hosts, firstPacket } = stage;
  const [request, answer] = dice.among(...QUERIES);
  const code = dice.chance(90) ? 0 : dice.among(1, 255);
  const identifier = dice.among(...pools.ports);
  const strange = dice.chance(20);
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
        kind: 'icmp',
        type: strange && dice.chance(40) ? dice.among(dice.between(0, 19), dice.between(0, 255), answer) : outward ? request : answer,
        code: strange && dice.chance(20) ? code ^ 1 : code,
        checksum: 'right',
        identifier: strange && dice.chance(20) ? identifier ^ 256 : identifier,
        sequence: turn & 0xffff,
        payload: payloadOf(stage, number, dice.among(...pools.sizes)),
      },
    });
    turns.push({ outward, packet });
  }
  return turns;
};
