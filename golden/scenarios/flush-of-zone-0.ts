/** A flush that names zone 0 ends the connections of no zone and of zone 0, and no others: it does not mean all. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, asks, from, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const PORTS = [1000, 1002, 5000];
const flow = (tenant: number) => udp({ sourcePort: PORTS[tenant - 1] ?? 0, payload: colouredPayload(tenant, 1, 24) });
const sent = [1, 2, 3].flatMap((tenant) => from(`t${tenant}a`, flow(tenant)));

export default scenario({
  shows: 'A flush that names zone 0 ends the connections of no zone and of zone 0, and no others: it does not mean all.',
  network: tenantsInZones(undefined, 0, 1),
  events: [...sent, asks({ command: 'flush', zone: 0 }), asks({ command: 'dump' }), ...answersTo(sent)],
});
