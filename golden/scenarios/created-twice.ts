/** A tuple has one owner in its zone: to create another is refused for either half, and a packet that would is dropped. */
import { colouredPayload } from '../../properties/colours.ts';
import { asks, from, scenario, tenantsInZones, tupleOfUdp, udp, zone } from '../../properties/words.ts';

const there = (sourcePort = 1000) => tupleOfUdp(udp({ sourcePort }));
const back = (destinationPort = 1000) => tupleOfUdp(udp({ sourcePort: 2000, destinationPort }, { source: '10.0.0.2', destination: '10.0.0.1' }));
const create = { command: 'create', original: there(), reply: back(), zone: zone(1), timeoutMs: 60_000 } as const;

export default scenario({
  shows: 'A tuple has one owner in its zone: to create another is refused for either half, and a packet that would is dropped.',
  network: tenantsInZones(1, 2),
  events: [
    asks(create),
    asks(create),
    asks({ ...create, original: back(), reply: there() }),
    asks({ ...create, original: there(3000) }),
    asks({ ...create, original: there(3000), reply: { ...back(3000), protocol: 6 } }),
    asks({ ...create, zone: zone(2) }),
    asks({ ...create, original: there(4000), reply: back(5000) }),
    ...from('t1a', udp({ sourcePort: 5000, payload: colouredPayload(1, 1, 24) })),
    ...from('t2a', udp({ sourcePort: 5000, payload: colouredPayload(2, 1, 24) })),
    asks({ command: 'dump' }),
  ],
});
