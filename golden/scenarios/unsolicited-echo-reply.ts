/** An echo reply that nobody asked for in its zone is invalid, even where another zone asked. */
import { colouredPayload } from '../../properties/colours.ts';
import { from, icmp, scenario, tenantsInZones } from '../../properties/words.ts';

const reply = icmp({ type: 0 }, { source: '10.0.0.2', destination: '10.0.0.1' });

export default scenario({
  shows: 'An echo reply that nobody asked for in its zone is invalid, even where another zone asked.',
  network: tenantsInZones(1, 2),
  events: [...from('t1b', reply), ...from('t1a', icmp({ payload: colouredPayload(1, 1, 24) })), ...from('t2b', reply), ...from('t1b', reply)],
});
