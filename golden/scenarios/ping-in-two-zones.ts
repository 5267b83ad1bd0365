/** Two tenants ping the same address with the same identifier: two connections, each with its own answer. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, from, icmp, interleave, scenario, tenantsInZones } from '../../properties/words.ts';

const requests = (tenant: number) => [1, 2].map((sequence) => icmp({ sequence, payload: colouredPayload(tenant, sequence, 24) }, { id: sequence }));
const first = interleave(from('t1a', requests(1).slice(0, 1)), from('t2a', requests(2).slice(0, 1)));

export default scenario({
  shows: 'Two tenants ping the same address with the same identifier: two connections, each with its own answer.',
  network: tenantsInZones(1, 2),
  events: [...first, ...answersTo(first), ...interleave(from('t1a', requests(1).slice(1)), from('t2a', requests(2).slice(1)))],
});
