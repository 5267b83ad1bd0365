/** Two networks with the same IPv6 addresses talk to the same server through their tunnels; answers and errors find their way back. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, errorsTo, from, fragmentsOf, icmp6, interleave, scenario, tunnels, udp6 } from '../../properties/words.ts';

const server = { destination: '2001:db8:9::9' };
const asked = [1, 2].map((network) =>
  from(`tunl${network}`, udp6({ payload: colouredPayload(network, 1, 8) }, server), icmp6({ payload: colouredPayload(network, 2, 8) }, server)),
);
const all = interleave(...asked);
const inPieces = [1, 2].map((network) => from(`tunl${network}`, fragmentsOf(udp6({ sourcePort: 1001, payload: colouredPayload(network, 3, 64) }, server), 3)));

export default scenario({
  shows: 'Two networks with the same IPv6 addresses talk to the same server through their tunnels; answers and errors find their way back.',
  network: tunnels(1, 2),
  events: [...all, ...answersTo(all), ...errorsTo(all, 1, 4), ...interleave(...inPieces)],
});
