/** TCP that is over is not counted any more, though the table has it for two more minutes. */
import { endsOf, from, handshake, limitedTo, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const one = endsOf(1);

export default scenario({
  shows: 'TCP that is over is not counted any more, though the table has it for two more minutes.',
  network: limitedTo({ counters: [{ devices: ['t1a'], most: 1, counts: 'all-zones' }] }, tenantsInZones(1)),
  events: [
    ...handshake(one),
    ...from('t1a', udp()),
    ...one.client('FA', 1001, 5001),
    ...one.server('FA', 5001, 1002),
    ...one.client('A', 1002, 5002),
    ...from('t1a', udp()),
  ],
});
