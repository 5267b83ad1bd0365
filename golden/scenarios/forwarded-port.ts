/** A connection from outside is led to a host inside, whose answers and errors look as if the outer address had given them. */
import { answersTo, errorsTo, from, scenario, tcp, tenantsInZones, toAddress, translating } from '../../properties/words.ts';

const sent = from('t1b', tcp({ destinationPort: 80 }, { source: '203.0.113.5', destination: '198.51.100.1' }));

export default scenario({
  shows: 'A connection from outside is led to a host inside, whose answers and errors look as if the outer address had given them.',
  network: translating(tenantsInZones(1), { t1b: { nat: { destination: toAddress('10.0.0.1', 8080) } } }),
  events: [...sent, ...answersTo(sent), ...errorsTo(sent)],
});
