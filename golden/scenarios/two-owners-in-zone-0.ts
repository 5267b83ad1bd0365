/** In zone 0 an original and a reply half of one tuple stand side by side: the later one answers there, and by a directed zone either can be asked for. */
import { asks, BACK, from, inZone, nft, scenario, tenantsUnder, tupleOfUdp, udp, zone } from '../../properties/words.ts';

const reply = udp({ sourcePort: 2000, destinationPort: 1000 }, BACK);
const tuple = tupleOfUdp(reply);

export default scenario({
  shows: 'In zone 0 an original and a reply half of one tuple stand side by side: the later one answers there, and by a directed zone either can be asked for.',
  network: tenantsUnder(nft(inZone(7, 'original')), nft(inZone(8, 'reply'))),
  events: [
    ...from('t1a', udp()),
    ...from('t2b', reply),
    asks({ command: 'dump' }),
    asks({ command: 'get', tuple }),
    asks({ command: 'get', tuple, zone: zone(9, 'reply') }),
    asks({ command: 'get', tuple, zone: zone(9, 'original') }),
    asks({ command: 'flush', zone: 8 }),
    asks({ command: 'get', tuple }),
  ],
});
