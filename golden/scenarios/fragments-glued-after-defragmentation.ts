/** Zones that are assigned after defragmentation come too late: fragments of two tenants make one datagram. */
import { colouredPayload } from '../../properties/colours.ts';
import { assignedLate, fragmentsOf, from, interleave, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const pieces = (tenant: number) => fragmentsOf(udp({ payload: colouredPayload(tenant, 1, 40) }), 2);

export default scenario({
  shows: 'Zones that are assigned after defragmentation come too late: fragments of two tenants make one datagram.',
  network: assignedLate(tenantsInZones(1, 2)),
  events: interleave(from('t1a', pieces(1).slice(0, 1)), from('t2a', pieces(2).slice(1))),
});
