/** Fragments of equal datagrams, interleaved from two tenants, are put together apart. */
import { colouredPayload } from '../../properties/colours.ts';
import { fragmentsOf, from, interleave, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const pieces = (tenant: number) => fragmentsOf(udp({ payload: colouredPayload(tenant, 1, 40) }), 3);

export default scenario({
  shows: 'Fragments of equal datagrams, interleaved from two tenants, are put together apart.',
  network: tenantsInZones(1, 2),
  events: interleave(from('t1a', pieces(1)), from('t2a', pieces(2))),
});
