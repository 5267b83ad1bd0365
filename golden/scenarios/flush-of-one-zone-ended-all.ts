/** For years a flush ended the connections of all zones, whatever zone it named, and a dump listed them. */
import { answersTo, asks, from, inEra, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const sent = ['t1a', 't2a'].flatMap((device) => from(device, udp()));

export default scenario({
  shows: 'For years a flush ended the connections of all zones, whatever zone it named, and a dump listed them.',
  network: inEra('linux-4.3', tenantsInZones(1, 2)),
  events: [...sent, asks({ command: 'dump', zone: 1 }), asks({ command: 'flush', zone: 1 }), asks({ command: 'dump' }), ...answersTo(sent)],
});
