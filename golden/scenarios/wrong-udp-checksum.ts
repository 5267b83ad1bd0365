/** A wrong UDP checksum makes a packet invalid, which is no reason not to forward it. */
import { colouredPayload } from '../../properties/colours.ts';
import { from, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const packet = (checksum: 'right' | 'none' | { wrong: number }) => udp({ checksum, payload: colouredPayload(1, 1, 24) });

export default scenario({
  shows: 'A wrong UDP checksum makes a packet invalid, which is no reason not to forward it.',
  network: tenantsInZones(1),
  events: from('t1a', packet({ wrong: 0x1234 }), packet('none'), packet('right')),
});
