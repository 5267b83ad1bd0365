/** An ICMP error about a reply is related in original direction, one about the request in reply direction. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, errorsTo, from, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const asked = from('t1a', udp({ payload: colouredPayload(1, 1, 24) }));
const answered = answersTo(asked);

export default scenario({
  shows: 'An ICMP error about a reply is related in original direction, one about the request in reply direction.',
  network: tenantsInZones(1),
  events: [...asked, ...answered, ...errorsTo(answered), ...errorsTo(asked)],
});
