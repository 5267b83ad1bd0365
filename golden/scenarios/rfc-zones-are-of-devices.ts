/** In the RFC a zone is a device's own: fragments wait in it, whatever comes when. */
import { colouredPayload } from '../../properties/colours.ts';
import { assignedLate, fragmentsOf, from, inEra, interleave, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const pieces = (tenant: number) => fragmentsOf(udp({ payload: colouredPayload(tenant, 1, 24) }), 2);

export default scenario({
  shows: "In the RFC a zone is a device's own: fragments wait in it, whatever comes when.",
  network: inEra('rfc-2010', assignedLate(tenantsInZones(1, 2))),
  events: interleave(from('t1a', pieces(1)), from('t2a', pieces(2))),
});
