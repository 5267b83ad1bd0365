/** An ICMP error that does not go to the sender of what it quotes is invalid. */
import { colouredPayload } from '../../properties/colours.ts';
import { errorAbout, from, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const sent = udp({ payload: colouredPayload(1, 1, 24) });

export default scenario({
  shows: 'An ICMP error that does not go to the sender of what it quotes is invalid.',
  network: tenantsInZones(1),
  events: [...from('t1a', sent), ...from('t1b', errorAbout(sent, { destination: '10.0.0.9' })), ...from('t1b', errorAbout(sent))],
});
