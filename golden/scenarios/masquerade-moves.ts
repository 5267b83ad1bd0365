/** A connection that took the address of one device ends when its packets leave by another one; the next packet begins anew. */
import { from, scenario, tenantsInZones, translating, udp } from '../../properties/words.ts';

const masquerading = (address: string) => ({ address, nat: { source: { to: 'own' } } }) as const;

export default scenario({
  shows: 'A connection that took the address of one device ends when its packets leave by another one; the next packet begins anew.',
  network: translating(tenantsInZones(1, 1), { t1b: masquerading('198.51.100.1'), t2b: masquerading('198.51.100.2') }),
  events: [...from('t1a', udp()), ...from('t2a', udp(), udp())],
});
