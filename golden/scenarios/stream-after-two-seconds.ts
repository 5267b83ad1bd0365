/** An answered connection has the short timeout for two seconds, and after them the long one. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, from, scenario, tenantsInZones, udp, wait } from '../../properties/words.ts';

const flow = (tenant: number, packet: number) => udp({ payload: colouredPayload(tenant, packet, 24) }, { id: packet });
const short = from('t1a', flow(1, 1));
const long = from('t2a', flow(2, 1));

export default scenario({
  shows: 'An answered connection has the short timeout for two seconds, and after them the long one.',
  network: tenantsInZones(1, 2),
  events: [
    ...short,
    ...long,
    ...answersTo([...short, ...long]),
    wait(2),
    ...from('t1a', flow(1, 2)),
    wait(1),
    ...from('t2a', flow(2, 2)),
    wait(119),
    ...answersTo([...short, ...long]),
  ],
});
