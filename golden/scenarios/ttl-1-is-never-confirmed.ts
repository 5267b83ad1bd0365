/** A packet whose time to live ends here is tracked and dropped, and its connection is never confirmed. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, from, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const packet = (ttl: number) => udp({ payload: colouredPayload(1, 1, 24) }, { ttl });
const dropped = from('t1a', packet(1));
const forwarded = from('t1a', packet(2));

export default scenario({
  shows: 'A packet whose time to live ends here is tracked and dropped, and its connection is never confirmed.',
  network: tenantsInZones(1),
  events: [...dropped, ...answersTo(dropped), ...forwarded, ...answersTo(forwarded)],
});
