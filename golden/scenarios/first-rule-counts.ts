/** Of several rules the first counts: zone 7 before zone 8, zone 0 before zone 8, zone 6 before notrack. */
import { from, inZone, iptables, nft, notrack, scenario, tenantsUnder, udp } from '../../properties/words.ts';

export default scenario({
  shows: 'Of several rules the first counts: zone 7 before zone 8, zone 0 before zone 8, zone 6 before notrack.',
  network: tenantsUnder(nft(inZone(7), inZone(8)), iptables(inZone(0), inZone(8)), [...iptables(inZone(6)), ...nft(notrack)]),
  events: ['t1a', 't2a', 't3a'].flatMap((device) => from(device, udp())),
});
