/** Where a table is full of connections that are assured, none of them ends early: the packet of a new one is dropped. */
import { endsOf, from, handshake, limitedTo, scenario, tenantsInZones, udp } from '../../properties/words.ts';

export default scenario({
  shows: 'Where a table is full of connections that are assured, none of them ends early: the packet of a new one is dropped.',
  network: limitedTo({ connections: 1 }, tenantsInZones(1, 2)),
  events: [
    ...handshake(endsOf(1)),
    ...from('t2a', udp()),
    ...endsOf(1).client('A', 1001, 5001),
  ],
});
