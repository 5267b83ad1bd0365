/**
 * ICMP, of each version of IP: requests and their answers, of all types, and messages that no tracker can make anything of. Errors are made
 * where packets are known that they can be about (errors.ts).
 */
import type { Icmp } from '../../spec/trace/transport.ts';
import { LAST_PACKET } from '../colours.ts';
import type { Dice } from './dice.ts';
import type { Version } from './features.ts';
import { packetOf, payloadOf, type Stage, type Turn } from './stage.ts';

type Query = readonly [request: number, answer: number];
const QUERIES: Readonly<Record<Version, readonly [Query, ...(readonly Query[])]>> = {
  // Echo, timestamp, information, address mask.
  4: [[8, 0], [8, 0], [8, 0], [13, 14], [15, 16], [17, 18]],
  // Echo, node information.
  6: [[128, 129], [128, 129], [139, 140]],
};

/** The last types that mean something, and the first ones that mean nothing or something else. */
const BORDERS_6 = [0, 1, 4, 5, 127, 130, 136, 137, 138, 141, 142, 143, 144, 150, 151, 152, 153] as const;

/** Types that mean something and types around them; any. */
const strangeType = (dice: Dice, version: Version): number =>
  dice.chance(80) ? (version === 4 ? dice.between(0, 19) : dice.among(...BORDERS_6, dice.between(127, 155))) : dice.between(0, 255);

export const icmpTurns = (stage: Stage): readonly Turn[] => {
  const { dice, features, pools, version, firstPacket } = stage;
  const [request, answer] = dice.among(...QUERIES[version]);
  const code = dice.chance(90) ? 0 : dice.among(1, 255);
  const identifier = dice.among(...pools.ports);
  const strange = dice.chance(version === 4 ? 20 : 35);
  const length = dice.heavyTail(features.large ? 64 : 8);
  const turns: Turn[] = [];
  for (let turn = 0; turn < length; turn += 1) {
    const outward = turn === 0 ? dice.chance(85) : dice.chance(55);
    const number = (firstPacket + turn) % (LAST_PACKET + 1);
    const payload: Icmp = {
      kind: 'icmp',
      type: strange && dice.chance(40) ? dice.among(strangeType(dice, version), answer) : outward ? request : answer,
      code: strange && dice.chance(20) ? code ^ 1 : code,
      checksum: 'right',
      identifier: strange && dice.chance(20) ? identifier ^ 256 : identifier,
      sequence: turn & 0xffff,
      payload: payloadOf(stage, number, dice.among(...pools.sizes)),
    };
    const packet = packetOf(stage, outward, { payload });
    turns.push({ outward, packet });
  }
  return turns;
};
