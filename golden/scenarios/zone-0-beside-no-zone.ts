/** An explicit zone 0 and no zone are the same zone. */
import { colouredPayload } from '../../properties/colours.ts';
import { from, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const asked = udp({ payload: colouredPayload(1, 1, 24) });
const reply = udp({ sourcePort: 2000, destinationPort: 1000 }, { source: '10.0.0.2', destination: '10.0.0.1' });

export default scenario({
  shows: 'An explicit zone 0 and no zone are the same zone.',
  network: tenantsInZones(0, undefined, 1),
  events: [
    ...from('t1a', asked),
    ...from('t2a', asked),
    ...from('t3b', reply),
    ...from('t2b', reply),
  ],
});
