/** A full table is a budget that all zones share: for a new connection of one zone another ends early, be it of another zone. */
import { answersTo, asks, from, limitedTo, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const sent = [...from('t1a', udp()), ...from('t2a', udp())];

export default scenario({
  shows: 'A full table is a budget that all zones share: for a new connection of one zone another ends early, be it of another zone.',
  network: limitedTo({ connections: 2 }, tenantsInZones(1, 2)),
  events: [
    ...sent,
    ...from('t2a', udp({ sourcePort: 3000 })),
    asks({ command: 'dump' }),
    ...answersTo(sent),
  ],
});
