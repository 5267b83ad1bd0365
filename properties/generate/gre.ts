/**
 * GRE: a tunnel between two hosts with or without a key, and PPTP's calls, whose ids the two ends choose by themselves.
 *
 * Most headers have 8 bytes, so that the blocks of coloured payloads stay whole in fragments.
 */
import { type Bytes, bytesOf, lengthOf } from '../../spec/trace/packet.ts';
import { GRE } from '../../spec/trace/transport.ts';
import { exchange, payloadOf, type Stage, type Turn } from './stage.ts';

export const greTurns = (stage: Stage): readonly Turn[] => {
  const { dice, pools } = stage;
  const ids = { inside: dice.among(...pools.ids, 0), outside: dice.among(...pools.ids, 0) };
  const isCall = dice.chance(40);
  return exchange(stage, (_from, to, number) => {
    const data = payloadOf(stage, number, dice.among(...pools.sizes));
    const call = dice.chance(10) ? !isCall : isCall;
    const bytes = (call ? callHeader(stage, ids[to], data) : tunnelHeader(stage, ids[to])) + data;
    return { protocol: GRE, payload: { kind: 'opaque', bytes, why: 'protocol' } };
  });
};

/** Flags, what is carried, and perhaps a key. */
const tunnelHeader = ({ dice }: Stage, key: number): Bytes =>
  dice.chance(80) ? `20000800${bytesOf(key, 4)}` : dice.among('00000800', '00006558', '0002880b', '0007880b', '00', '');

/** Version 1: flags, PPP, the payload's length, the other end's call id. A wrong version, EtherType or length now and then. */
const callHeader = ({ dice }: Stage, id: number, data: Bytes): Bytes => {
  const start = dice.chance(85) ? '2001880b' : dice.among('20010800', '2009880b', '2002880b', '2001880c');
  return start + bytesOf(lengthOf(data) & 0xffff, 2) + (dice.chance(95) ? bytesOf(id, 2) : '');
};
