/** Fragments that are not to be tracked are not put together: each passes by itself, while another tenant's wait. */
import { fragmentsOf, from, inZone, interleave, nft, notrack, scenario, tenantsUnder, udp } from '../../properties/words.ts';

const pieces = fragmentsOf(udp({ payload: '00'.repeat(24) }), 2);

export default scenario({
  shows: "Fragments that are not to be tracked are not put together: each passes by itself, while another tenant's wait.",
  network: tenantsUnder(nft(notrack), nft(inZone(1))),
  events: interleave(from('t1a', pieces), from('t2a', pieces)),
});
