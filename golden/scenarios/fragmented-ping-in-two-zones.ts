/** Large equal pings of two tenants, their fragments interleaved, are put together and answered apart. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, fragmentsOf, from, icmp, interleave, scenario, tenantsInZones } from '../../properties/words.ts';

const pieces = (tenant: number) => fragmentsOf(icmp({ payload: colouredPayload(tenant, 1, 64) }), 3);
const sent = interleave(from('t1a', pieces(1)), from('t2a', pieces(2)));

export default scenario({
  shows: 'Large equal pings of two tenants, their fragments interleaved, are put together and answered apart.',
  network: tenantsInZones(1, 2),
  events: [...sent, ...answersTo(sent.slice(-2))],
});
