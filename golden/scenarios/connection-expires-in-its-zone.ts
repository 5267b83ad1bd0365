/** A connection is gone at exactly its timeout, while the same flow, refreshed in another zone, lives on. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, from, scenario, tenantsInZones, udp, wait } from '../../properties/words.ts';

const flow = (tenant: number, sourcePort: number) => udp({ sourcePort, payload: colouredPayload(tenant, 1, 24) });
const inTime = from('t1a', flow(1, 1000));
const late = from('t1a', flow(1, 1002));
const refreshed = from('t2a', flow(2, 1002));

export default scenario({
  shows: 'A connection is gone at exactly its timeout, while the same flow, refreshed in another zone, lives on.',
  network: tenantsInZones(1, 2),
  events: [
    ...inTime,
    ...late,
    ...refreshed,
    wait(15),
    ...from('t2a', flow(2, 1002)),
    wait(14),
    ...answersTo(inTime),
    wait(1),
    ...answersTo(late),
    ...answersTo(refreshed),
  ],
});
