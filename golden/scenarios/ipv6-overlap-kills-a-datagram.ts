/** An overlap kills a waiting IPv6 datagram, and only in its own zone. */
import { colouredPayload } from '../../properties/colours.ts';
import { fragmentsOf, from, scenario, tenantsInZones, udp6 } from '../../properties/words.ts';

const pieces = (tenant: number) => fragmentsOf(udp6({ payload: colouredPayload(tenant, 1, 64) }), 3);
/** Equal bytes at equal places, but cut elsewhere: the second of two overlaps the first two of three. */
const overlapping = fragmentsOf(udp6({ payload: colouredPayload(1, 1, 64) }), 2).slice(1);

export default scenario({
  shows: 'An overlap kills a waiting IPv6 datagram, and only in its own zone.',
  network: tenantsInZones(1, 2),
  events: [
    ...from('t1a', pieces(1).slice(0, 2)),
    ...from('t2a', pieces(2).slice(0, 2)),
    ...from('t1a', overlapping),
    ...from('t1a', pieces(1).slice(2)),
    ...from('t2a', pieces(2).slice(2)),
  ],
});
