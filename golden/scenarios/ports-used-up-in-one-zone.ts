/** A zone that has used up its two ports drops what would need a third one, and another zone has both of its own. */
import { from, scenario, tenantsInZones, toAddress, translating, udp } from '../../properties/words.ts';

const nat = { source: toAddress('198.51.100.1', 5000, 5001) };
const clients = ['10.0.0.1', '10.0.0.3', '10.0.0.4'].map((source) => udp({}, { source }));

export default scenario({
  shows: 'A zone that has used up its two ports drops what would need a third one, and another zone has both of its own.',
  network: translating(tenantsInZones(1, 2), { t1b: { nat }, t2b: { nat } }),
  events: [...from('t1a', clients), ...from('t2a', clients)],
});
