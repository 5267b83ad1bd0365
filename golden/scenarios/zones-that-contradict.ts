/** A command is about one zone: zone 0 gives way to one that is said for a direction, any other zone contradicts it, even if that is 0. */
import { asks, BACK, from, inZone, nft, scenario, tenantsUnder, tupleOfUdp, udp, zone } from '../../properties/words.ts';

const [tuple, answer] = [tupleOfUdp(udp()), tupleOfUdp(udp({ sourcePort: 2000, destinationPort: 1000 }, BACK))];
const created = { command: 'create', original: tuple, reply: answer, timeoutMs: 5000 } as const;

export default scenario({
  shows: 'A command is about one zone: zone 0 gives way to one that is said for a direction, any other zone contradicts it, even if that is 0.',
  network: tenantsUnder(nft(inZone(7, 'original'))),
  events: [
    asks({ ...created, zone: zone(5), besides: zone(7, 'original') }),
    asks({ ...created, zone: zone(7, 'original'), besides: zone(8, 'reply') }),
    asks({ ...created, zone: zone(7, 'original'), besides: zone(0, 'reply') }),
    asks({ ...created, zone: zone(0, 'original'), besides: zone(8, 'reply') }),
    asks({ ...created, zone: zone(0), besides: zone(7, 'original') }),
    asks({ ...created, zone: zone(5) }),
    asks(created),
    asks({ command: 'dump' }),
    ...from('t1a', udp()),
    asks({ command: 'get', tuple: answer, zone: zone(8), besides: zone(8, 'reply') }),
    asks({ command: 'get', tuple: answer, zone: zone(0), besides: zone(8, 'reply') }),
    asks({ command: 'delete', tuple: answer, zone: zone(8) }),
    asks({ command: 'get', tuple: answer, zone: zone(7) }),
    asks({ command: 'get', tuple: answer }),
    asks({ command: 'flush', zone: 7 }),
    asks({ command: 'dump' }),
  ],
});
