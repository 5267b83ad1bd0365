/** A reply that comes back in the zone of its connection finds it. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, from, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const asked = from('t1a', udp({ payload: colouredPayload(1, 1, 24) }));

export default scenario({
  shows: 'A reply that comes back in the zone of its connection finds it.',
  network: tenantsInZones(1, 2),
  events: [...asked, ...answersTo(asked)],
});
