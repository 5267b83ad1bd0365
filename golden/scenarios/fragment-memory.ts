/** The memory for fragments is a budget that all zones share: what one tenant keeps waiting, another is refused. */
import { colouredPayload } from '../../properties/colours.ts';
import { from, fragmentsOf, scenario, tenantsInZones, udp, wait } from '../../properties/words.ts';

const pieces = (tenant: number) => fragmentsOf(udp({ payload: colouredPayload(tenant, 1, 40) }), 2);

export default scenario({
  shows: 'The memory for fragments is a budget that all zones share: what one tenant keeps waiting, another is refused.',
  network: { ...tenantsInZones(1, 2), fragments: { distance: 0, memoryBytes: 24 } },
  events: [
    ...from('t1a', pieces(1).slice(0, 1)),
    ...from('t2a', pieces(2)),
    wait(30),
    ...from('t2a', pieces(2)),
  ],
});
