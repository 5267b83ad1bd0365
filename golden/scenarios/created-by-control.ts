/** A connection that control created is met by packets of its zone only; answered, it is a stream at once. */
import { colouredPayload } from '../../properties/colours.ts';
import { asks, from, scenario, tenantsInZones, tupleOfUdp, udp, wait, zone } from '../../properties/words.ts';

const there = (tenant: number) => udp({ payload: colouredPayload(tenant, 1, 24) });
const back = (tenant: number, packet: number) =>
  udp({ sourcePort: 2000, destinationPort: 1000, payload: colouredPayload(tenant, packet, 24) }, { source: '10.0.0.2', destination: '10.0.0.1' });

export default scenario({
  shows: 'A connection that control created is met by packets of its zone only; answered, it is a stream at once.',
  network: tenantsInZones(1, 2),
  events: [
    asks({ command: 'create', original: tupleOfUdp(there(1)), reply: tupleOfUdp(back(1, 1)), zone: zone(1), timeoutMs: 10_000 }),
    ...from('t2b', back(2, 1)),
    wait(9),
    ...from('t1b', back(1, 1)),
    ...from('t1b', back(1, 2)),
    asks({ command: 'get', tuple: tupleOfUdp(there(1)), zone: zone(1) }),
    wait(30),
    ...from('t1a', there(1)),
  ],
});
