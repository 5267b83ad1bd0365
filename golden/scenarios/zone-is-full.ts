/** A zone that has as many connections as it may have takes no other; another zone still does, and so does the first once one has ended. */
import { asks, from, limitedTo, scenario, tenantsInZones, tupleOfUdp, udp, zone } from '../../properties/words.ts';

const other = udp({ sourcePort: 3000 });

export default scenario({
  shows: 'A zone that has as many connections as it may have takes no other; another zone still does, and so does the first once one has ended.',
  network: limitedTo({ zones: [{ zone: 2, connections: 2 }, { connections: 1 }] }, tenantsInZones(1, 2)),
  events: [
    ...from('t1a', udp(), other),
    ...from('t2a', udp(), other),
    asks({ command: 'delete', tuple: tupleOfUdp(udp()), zone: zone(1) }),
    ...from('t1a', other),
  ],
});
