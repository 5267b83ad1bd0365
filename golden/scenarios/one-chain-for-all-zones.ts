/** For some years all halves of a tuple stood in one chain, so that of two that answer a directed zone the later one was found. */
import { asks, from, inEra, inZone, iptables, scenario, tenantsUnder, tupleOfUdp, udp } from '../../properties/words.ts';

export default scenario({
  shows: 'For some years all halves of a tuple stood in one chain, so that of two that answer a directed zone the later one was found.',
  network: inEra('linux-4.3', tenantsUnder(iptables(inZone(7, 'original')))),
  events: [
    ...from('t1a', udp()),
    asks({ command: 'create', original: tupleOfUdp(udp({ sourcePort: 3000 })), reply: tupleOfUdp(udp()), timeoutMs: 5000 }),
    ...from('t1a', udp()),
  ],
});
