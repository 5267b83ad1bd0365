/** A whole IPv6 datagram as a fragment of itself loses its fragment header; beside one that waits under its id it kills both. */
import { colouredPayload } from '../../properties/colours.ts';
import { fragmentsOf, from, scenario, tenantsInZones, udp6 } from '../../properties/words.ts';

const datagram = (tenant: number) => udp6({ payload: colouredPayload(tenant, 1, 40) });

export default scenario({
  shows: 'A whole IPv6 datagram as a fragment of itself loses its fragment header; beside one that waits under its id it kills both.',
  network: tenantsInZones(1, 2),
  events: [
    ...from('t1a', fragmentsOf(datagram(1), 1)),
    ...from('t1a', fragmentsOf(datagram(1), 2).slice(0, 1)),
    ...from('t2a', fragmentsOf(datagram(2), 1)),
    ...from('t1a', fragmentsOf(datagram(1), 1)),
    ...from('t1a', fragmentsOf(datagram(1), 2).slice(1)),
  ],
});
