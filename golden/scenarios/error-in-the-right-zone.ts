/** An ICMP error that comes back in the zone of the packet it quotes is related, but it is no reply. */
import { colouredPayload } from '../../properties/colours.ts';
import { errorsTo, from, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const datagram = udp({ payload: colouredPayload(1, 1, 24) });
const sent = from('t1a', datagram);

export default scenario({
  shows: 'An ICMP error that comes back in the zone of the packet it quotes is related, but it is no reply.',
  network: tenantsInZones(1, 2),
  events: [...sent, ...errorsTo(sent), ...errorsTo(sent, 11, 0), ...from('t1a', datagram)],
});
