/** The first and the last zone id are zones like others, for packets and for commands. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, asks, devicesOf, from, scenario, tenantsInZones, tupleOfUdp, udp, zone } from '../../properties/words.ts';

const tuple = tupleOfUdp(udp());
const sent = [1, 2, 3].flatMap((tenant) => from(devicesOf(tenant)[0], udp({ payload: colouredPayload(tenant, 1, 24) })));

export default scenario({
  shows: 'The first and the last zone id are zones like others, for packets and for commands.',
  network: tenantsInZones(0, 65_535, 1),
  events: [
    ...sent,
    asks({ command: 'dump', zone: 65_535 }),
    asks({ command: 'dump', zone: 0 }),
    asks({ command: 'get', tuple, zone: zone(0) }),
    asks({ command: 'delete', tuple, zone: zone(65_535) }),
    asks({ command: 'flush', zone: 0 }),
    asks({ command: 'dump' }),
    ...answersTo(sent),
  ],
});
