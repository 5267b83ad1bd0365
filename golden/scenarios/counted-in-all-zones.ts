/** A rule that counts over all zones is a budget that they share: what one tenant has is missing to the other, until it ends. */
import { asks, from, limitedTo, scenario, tenantsInZones, tupleOfUdp, udp, zone } from '../../properties/words.ts';

export default scenario({
  shows: 'A rule that counts over all zones is a budget that they share: what one tenant has is missing to the other, until it ends.',
  network: limitedTo({ counters: [{ devices: ['t1a', 't2a'], most: 1, counts: 'all-zones' }] }, tenantsInZones(1, 2)),
  events: [
    ...from('t1a', udp()),
    ...from('t2a', udp()),
    asks({ command: 'delete', tuple: tupleOfUdp(udp()), zone: zone(1) }),
    ...from('t2a', udp()),
  ],
});
