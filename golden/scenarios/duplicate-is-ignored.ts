/** A fragment that is held already is ignored, and the datagram still completes. */
import { colouredPayload } from '../../properties/colours.ts';
import { fragmentsOf, from, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const pieces = fragmentsOf(udp({ payload: colouredPayload(1, 1, 40) }), 3);

export default scenario({
  shows: 'A fragment that is held already is ignored, and the datagram still completes.',
  network: tenantsInZones(1),
  events: from('t1a', pieces.slice(0, 2), pieces.slice(0, 2), pieces.slice(2)),
});
