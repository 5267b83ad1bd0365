/** The memory for fragments is a budget that all zones share: what one tenant keeps waiting, another is refused. */
import { from, fragmentsOf, scenario, tenantsInZones, udp, wait } from '../../properties/words.ts';

const pieces = fragmentsOf(udp({ payload: '00'.repeat(16) }), 2);
const first = pieces.slice(0, 1);

export default scenario({
  shows: 'The memory for fragments is a budget that all zones share: what one tenant keeps waiting, another is refused.',
  network: { ...tenantsInZones(1, 2), fragments: { distance: 0, memoryBytes: 8 } },
  events: [
    ...from('t1a', first),
    ...from('t2a', pieces),
    wait(30),
    ...from('t2a', pieces),
  ],
});
