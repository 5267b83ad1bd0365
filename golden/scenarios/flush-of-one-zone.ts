/** A flush of one zone ends its connections, leaves the equal ones of another zone alone, and lets fragments wait on. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, asks, fragmentsOf, from, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const flow = (tenant: number) => udp({ payload: colouredPayload(tenant, 1, 24) });
const first = from('t1a', flow(1));
const second = from('t2a', flow(2));
const halves = fragmentsOf(udp({ sourcePort: 1002, payload: colouredPayload(1, 2, 24) }, { id: 2 }), 2);

export default scenario({
  shows: 'A flush of one zone ends its connections, leaves the equal ones of another zone alone, and lets fragments wait on.',
  network: tenantsInZones(1, 2),
  events: [
    ...first,
    ...second,
    ...from('t1a', halves.slice(0, 1)),
    asks({ command: 'flush', zone: 1 }),
    asks({ command: 'dump' }),
    ...answersTo(first),
    ...answersTo(second),
    ...from('t1a', halves.slice(1)),
  ],
});
