/** While zones stood in extensions, a connection could fail for want of one; in zone 0 there was nothing to fail. */
import { answersTo, asks, from, inEra, scenario, tenantsInZones, tupleOfUdp, udp, zone } from '../../properties/words.ts';

const sent = ['t1a', 't2a', 't3a'].flatMap((device) => from(device, udp()));
const other = udp({ sourcePort: 3000 });

export default scenario({
  shows: 'While zones stood in extensions, a connection could fail for want of one; in zone 0 there was nothing to fail.',
  network: { ...inEra('linux-2010', tenantsInZones(1, 2, 0)), extensions: 1 },
  events: [
    ...sent,
    ...answersTo(sent),
    asks({ command: 'create', original: tupleOfUdp(other), reply: tupleOfUdp(udp({ sourcePort: 2000, destinationPort: 3000 }, { source: '10.0.0.2', destination: '10.0.0.1' })), zone: zone(2), timeoutMs: 5000 }),
    asks({ command: 'delete', tuple: tupleOfUdp(udp()), zone: zone(1) }),
    ...from('t2a', udp()),
  ],
});
