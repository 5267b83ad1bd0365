/** An ICMP error about another tenant's packet is invalid, until its own zone has an equal connection. */
import { colouredPayload } from '../../properties/colours.ts';
import { errorAbout, from, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const sent = (tenant: number) => udp({ payload: colouredPayload(tenant, 1, 24) });
const error = errorAbout(sent(1));

export default scenario({
  shows: "An ICMP error about another tenant's packet is invalid, until its own zone has an equal connection.",
  network: tenantsInZones(1, 2),
  events: [...from('t1a', sent(1)), ...from('t2b', error), ...from('t1b', error), ...from('t2a', sent(2)), ...from('t2b', error)],
});
