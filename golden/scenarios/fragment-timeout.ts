/** A datagram may complete while its time lasts, and no more at the moment when it is over. */
import { colouredPayload } from '../../properties/colours.ts';
import { fragmentsOf, from, scenario, tenantsInZones, udp, wait } from '../../properties/words.ts';

const pieces = (tenant: number) => fragmentsOf(udp({ payload: colouredPayload(tenant, 1, 40) }), 2);

export default scenario({
  shows: 'A datagram may complete while its time lasts, and no more at the moment when it is over.',
  network: tenantsInZones(1, 2),
  events: [
    ...from('t1a', pieces(1).slice(0, 1)),
    ...from('t2a', pieces(2).slice(0, 1)),
    wait(29),
    ...from('t1a', pieces(1).slice(1)),
    wait(1),
    ...from('t2a', pieces(2).slice(1)),
  ],
});
