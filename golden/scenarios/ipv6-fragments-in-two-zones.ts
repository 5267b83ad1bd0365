/** IPv6 fragments of equal datagrams, interleaved from two tenants, are put together apart, and leave in pieces again. */
import { colouredPayload } from '../../properties/colours.ts';
import { fragmentsOf, from, interleave, scenario, tenantsInZones, udp6 } from '../../properties/words.ts';

const pieces = (tenant: number) => fragmentsOf(udp6({ payload: colouredPayload(tenant, 1, 64) }), 3);

export default scenario({
  shows: 'IPv6 fragments of equal datagrams, interleaved from two tenants, are put together apart, and leave in pieces again.',
  network: tenantsInZones(1, 2),
  events: interleave(from('t1a', pieces(1)), from('t2a', pieces(2))),
});
