/** Two tenants ping the same IPv6 address with the same identifier; what their neighbours ask each other is not tracked. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, from, icmp6, interleave, scenario, tenantsInZones } from '../../properties/words.ts';

const first = interleave(from('t1a', icmp6({ payload: colouredPayload(1, 1, 24) })), from('t2a', icmp6({ payload: colouredPayload(2, 1, 24) })));
const solicitation = icmp6({ type: 135, identifier: 0, sequence: 0, payload: 'fd000000000000000000000000000002' }, { hopLimit: 255 });

export default scenario({
  shows: 'Two tenants ping the same IPv6 address with the same identifier; what their neighbours ask each other is not tracked.',
  network: tenantsInZones(1, 2),
  events: [...first, ...from('t1a', solicitation), ...answersTo(first)],
});
