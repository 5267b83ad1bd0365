/** A reply that comes back in the zone of another tenant finds nothing and is new there. */
import { colouredPayload } from '../../properties/colours.ts';
import { from, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const asked = udp({ payload: colouredPayload(1, 1, 24) });
const reply = udp({ sourcePort: 2000, destinationPort: 1000 }, { source: '10.0.0.2', destination: '10.0.0.1' });

export default scenario({
  shows: 'A reply that comes back in the zone of another tenant finds nothing and is new there.',
  network: tenantsInZones(1, 2),
  events: [...from('t1a', asked), ...from('t2b', reply), ...from('t1b', reply)],
});
