/** A source that was given a port keeps it for other destinations, even where its own would be free. */
import { from, scenario, tenantsInZones, toAddress, translating, udp } from '../../properties/words.ts';

const second = { source: '10.0.0.3' };

export default scenario({
  shows: 'A source that was given a port keeps it for other destinations, even where its own would be free.',
  network: translating(tenantsInZones(1), { t1b: { nat: { source: toAddress('198.51.100.1') } } }),
  events: from('t1a', udp(), udp({}, second), udp({}, { ...second, destination: '10.0.0.4' })),
});
