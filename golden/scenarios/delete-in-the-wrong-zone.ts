/** To delete a tuple needs its zone: in another one, or in none, it is missing; in its own, either half's tuple will do. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, asks, from, scenario, tenantsInZones, tupleOfUdp, udp, zone } from '../../properties/words.ts';

const packet = udp({ payload: colouredPayload(1, 1, 24) });
const sent = from('t1a', packet);
const tuple = tupleOfUdp(packet);
const reply = tupleOfUdp(udp({ sourcePort: 2000, destinationPort: 1000 }, { source: '10.0.0.2', destination: '10.0.0.1' }));

export default scenario({
  shows: "To delete a tuple needs its zone: in another one, or in none, it is missing; in its own, either half's tuple will do.",
  network: tenantsInZones(1, 2),
  events: [
    ...sent,
    asks({ command: 'delete', tuple, zone: zone(2) }),
    asks({ command: 'delete', tuple }),
    asks({ command: 'get', tuple, zone: zone(1) }),
    asks({ command: 'delete', tuple: reply, zone: zone(1) }),
    asks({ command: 'get', tuple, zone: zone(1) }),
    ...answersTo(sent),
  ],
});
