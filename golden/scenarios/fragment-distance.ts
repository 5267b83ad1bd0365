/** The distance between fragments is counted for a source in all zones: another zone can break off a datagram. */
import { colouredPayload } from '../../properties/colours.ts';
import { fragmentsOf, from, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const pieces = (tenant: number, id: number) => fragmentsOf(udp({ payload: colouredPayload(tenant, id, 40) }, { id }), 2);
/** One fragment in between is near enough, two are not. */
const disturbed = (id: number, others: number) => [
  ...from('t1a', pieces(1, id).slice(0, 1)),
  ...from('t2a', pieces(2, id).slice(0, others)),
  ...from('t1a', pieces(1, id).slice(1)),
];

export default scenario({
  shows: 'The distance between fragments is counted for a source in all zones: another zone can break off a datagram.',
  network: { ...tenantsInZones(1, 2), fragments: { distance: 2, memoryBytes: 0 } },
  events: [...disturbed(1, 1), ...disturbed(2, 2)],
});
