/** Where a port is taken in a zone, a second source of the same port gets another one; in another zone the port is free. */
import { answersTo, from, scenario, tenantsInZones, toAddress, translating, udp } from '../../properties/words.ts';

const nat = { source: toAddress('198.51.100.1') };
const sent = [
  ...from('t1a', udp(), udp({}, { source: '10.0.0.3' })),
  ...from('t2a', udp()),
];

export default scenario({
  shows: 'Where a port is taken in a zone, a second source of the same port gets another one; in another zone the port is free.',
  network: translating(tenantsInZones(1, 2), { t1b: { nat }, t2b: { nat } }),
  events: [...sent, ...answersTo(sent)],
});
