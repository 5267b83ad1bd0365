/** Zones that count in the reply direction are not seen by fragments either: a template has an original direction only. */
import { colouredPayload } from '../../properties/colours.ts';
import { fragmentsOf, from, inZone, nft, scenario, tenantsUnder, udp } from '../../properties/words.ts';

const pieces = (tenant: number) => fragmentsOf(udp({ payload: colouredPayload(tenant, 1, 24), checksum: 'none' }), 2);

export default scenario({
  shows: 'Zones that count in the reply direction are not seen by fragments either: a template has an original direction only.',
  network: tenantsUnder(...[1, 2].map((id) => nft(inZone(id, 'reply')))),
  events: [...from('t1a', pieces(1).slice(0, 1)), ...from('t2a', pieces(2).slice(1))],
});
