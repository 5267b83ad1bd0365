/** Equal datagrams of two networks, in fragments that take turns, go through the tunnels apart, and come back in fragments as well. */
import { colouredPayload } from '../../properties/colours.ts';
import { from, fragmentsOf, interleave, OUTER, scenario, tunnels, udp } from '../../properties/words.ts';

const sent = [1, 2].map((network) => from(`tunl${network}`, fragmentsOf(udp({ payload: colouredPayload(network, 1, 64) }, { destination: '198.51.100.9' }), 3)));
/** To the first network, whose port could stay as it was. */
const back = udp({ sourcePort: 2000, destinationPort: 1000, payload: colouredPayload(1, 2, 64) }, { source: '198.51.100.9', destination: '192.0.2.1', id: 9 });

export default scenario({
  shows: 'Equal datagrams of two networks, in fragments that take turns, go through the tunnels apart, and come back in fragments as well.',
  network: tunnels(1, 2),
  events: [...interleave(...sent), ...from(OUTER, fragmentsOf(back, 3))],
});
