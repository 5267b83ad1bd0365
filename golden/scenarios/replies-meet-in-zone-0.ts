/** Equal flows in two zones that count in the original direction have one reply, in zone 0: the second is dropped, and whoever asks in zone 0 answers the first. */
import { BACK, from, inZone, nft, scenario, tenantsUnder, udp } from '../../properties/words.ts';

const reply = udp({ sourcePort: 2000, destinationPort: 1000 }, BACK);

export default scenario({
  shows: 'Equal flows in two zones that count in the original direction have one reply, in zone 0: the second is dropped, and whoever asks in zone 0 answers the first.',
  network: tenantsUnder(nft(inZone(1, 'original')), nft(inZone(2, 'original')), nft(inZone(0))),
  events: [...from('t1a', udp()), ...from('t2a', udp()), ...from('t3b', reply), ...from('t2a', udp()), ...from('t1a', udp())],
});
