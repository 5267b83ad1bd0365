/** A rule that counts one connection in each zone lets one pass in each, though their addresses are equal; a second one of a zone is dropped, and the first with it until that is struck out. */
import { answersTo, from, limitedTo, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const first = [...from('t1a', udp()), ...from('t2a', udp())];
const second = udp({ sourcePort: 3000 });

export default scenario({
  shows: 'A rule that counts one connection in each zone lets one pass in each, though their addresses are equal; a second one of a zone is dropped, and the first with it until that is struck out.',
  network: limitedTo({ counters: [{ devices: ['t1a', 't2a'], most: 1, counts: 'each-zone' }] }, tenantsInZones(1, 2)),
  events: [
    ...first,
    ...from('t1a', second),
    ...from('t1a', udp()),
    ...from('t2a', udp()),
    ...answersTo(first),
  ],
});
