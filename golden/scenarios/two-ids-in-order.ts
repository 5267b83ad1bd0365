/** Today a directed zone asks for original halves first, however late a reply half came. */
import { asks, from, inEra, inZone, iptables, scenario, tenantsUnder, tupleOfUdp, udp } from '../../properties/words.ts';

export default scenario({
  shows: 'Today a directed zone asks for original halves first, however late a reply half came.',
  network: inEra('linux-6.8', tenantsUnder(iptables(inZone(7, 'original')))),
  events: [
    ...from('t1a', udp()),
    asks({ command: 'create', original: tupleOfUdp(udp({ sourcePort: 3000 })), reply: tupleOfUdp(udp()), timeoutMs: 5000 }),
    ...from('t1a', udp()),
  ],
});
