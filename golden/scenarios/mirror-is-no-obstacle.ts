/** What goes the other way than a connection that was created with a strange reply keeps its port, and is lost where it would be confirmed. */
import { asks, BACK, from, scenario, tenantsInZones, translating, tupleOfUdp, udp, zone } from '../../properties/words.ts';

const back = udp({ sourcePort: 2000, destinationPort: 1000 }, BACK);
const strange = { ...tupleOfUdp(back), destinationPort: 7 };

export default scenario({
  shows: 'What goes the other way than a connection that was created with a strange reply keeps its port, and is lost where it would be confirmed.',
  network: translating(tenantsInZones(1), { t1b: { nat: {} } }),
  events: [
    asks({ command: 'create', original: tupleOfUdp(udp()), reply: strange, zone: zone(1), timeoutMs: 5000 }),
    ...from('t1b', back),
  ],
});
