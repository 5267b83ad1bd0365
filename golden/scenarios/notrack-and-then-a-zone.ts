/** To nft a zone undoes notrack, to iptables it does not. */
import { answersTo, from, inZone, iptables, nft, notrack, scenario, tenantsUnder, udp } from '../../properties/words.ts';

const sent = ['t1a', 't2a'].flatMap((device) => from(device, udp()));

export default scenario({
  shows: 'To nft a zone undoes notrack, to iptables it does not.',
  network: tenantsUnder(nft(notrack, inZone(5)), iptables(notrack, inZone(5))),
  events: [...sent, ...answersTo(sent)],
});
