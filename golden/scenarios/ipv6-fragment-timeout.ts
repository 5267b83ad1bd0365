/** An IPv6 datagram waits for its fragments twice as long as an IPv4 one. */
import { colouredPayload } from '../../properties/colours.ts';
import { fragmentsOf, from, scenario, tenantsInZones, udp, udp6, wait } from '../../properties/words.ts';

const pieces = (tenant: number) => fragmentsOf(udp6({ payload: colouredPayload(tenant, 1, 40) }), 2);
const ipv4 = fragmentsOf(udp({ payload: colouredPayload(1, 2, 40) }), 2);

export default scenario({
  shows: 'An IPv6 datagram waits for its fragments twice as long as an IPv4 one.',
  network: tenantsInZones(1, 2),
  events: [
    ...from('t1a', pieces(1).slice(0, 1), ipv4.slice(0, 1)),
    ...from('t2a', pieces(2).slice(0, 1)),
    wait(30),
    ...from('t1a', ipv4.slice(1)),
    wait(29),
    ...from('t1a', pieces(1).slice(1)),
    wait(1),
    ...from('t2a', pieces(2).slice(1)),
  ],
});
