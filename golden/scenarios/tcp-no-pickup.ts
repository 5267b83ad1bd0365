/** Where the network is not loose, an ACK of no connection is invalid, and so is all that follows it. */
import { endsOf, scenario, tenantsInZones } from '../../properties/words.ts';

const { client, server } = endsOf(1);
const network = tenantsInZones(1);

export default scenario({
  shows: 'Where the network is not loose, an ACK of no connection is invalid, and so is all that follows it.',
  network: { ...network, tcp: { ...network.tcp, loose: false } },
  events: [...client('A', 1001, 5001), ...server('A', 5001, 1001), ...client('S', 1000)],
});
