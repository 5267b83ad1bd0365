/**
 * Reopening: a client opens a connection, which is answered and mostly ends, and then another client wants the same of the same
 * server, with a sequence number before or behind. Where translation has but one port for both, the second may take it;
 * where connections are counted, the first counts no more.
 */
import type { TcpFlags } from '../../spec/trace/transport.ts';
import { packetOf, payloadOf, type Stage, type Turn } from './stage.ts';

export const reopeningTurns = (stage: Stage): readonly Turn[] => {
  const { dice, pools, firstPacket } = stage;
  const [client, server] = [dice.among(...pools.ports), dice.among(...pools.ports)];
  const start = dice.among(1000, 2 ** 32 - 1, 2 ** 31 - 1);
  const segment = (outward: boolean, port: number, flags: TcpFlags, sequence: number, acknowledgement: number): Turn => ({
    outward,
    packet: packetOf(stage, outward, {
      payload: {
        kind: 'tcp',
        sourcePort: outward ? port : server,
        destinationPort: outward ? server : port,
        sequence: sequence >>> 0,
        acknowledgement: acknowledgement >>> 0,
        reserved: 0,
        flags,
        window: 1000,
        checksum: 'right',
        urgent: 0,
        options: '',
        payload: payloadOf(stage, firstPacket, 0),
      },
    }),
  });
  const other = client ^ 1;
  const again = start + dice.among(-1, 0, 1, 2, 100, 2 ** 31 - 1, 2 ** 31 + 1);
  const closed = [segment(true, client, 'FA', start + 1, 5001), segment(false, client, 'FA', 5001, start + 2), segment(true, client, 'A', start + 2, 5002)];
  return [
    segment(true, client, 'S', start, 0),
    segment(false, client, 'SA', 5000, start + 1),
    ...(dice.chance(70) ? [segment(true, client, 'RA', start + 1, 5001)] : closed.slice(0, dice.among(0, 1, 2, 3, 3, 3))),
    segment(true, other, dice.chance(90) ? 'S' : 'A', again, 0),
    segment(false, other, 'SA', 9000, again + 1),
  ];
};
