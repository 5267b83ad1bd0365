/** An ICMP error about what left by the one address of all tunnels finds the network that sent it, and quotes what that has sent. */
import { colouredPayload } from '../../properties/colours.ts';
import { errorsTo, from, icmp, interleave, scenario, tcp, tunnels, udp } from '../../properties/words.ts';

const server = { destination: '198.51.100.9' };
const asked = [1, 2].map((network) =>
  from(`tunl${network}`, udp({ payload: colouredPayload(network, 1, 8) }, server), tcp({ sequence: 1000 }, server), icmp({ payload: colouredPayload(network, 3, 8) }, server)),
);
const all = interleave(...asked);

export default scenario({
  shows: 'An ICMP error about what left by the one address of all tunnels finds the network that sent it, and quotes what that has sent.',
  network: tunnels(1, 2),
  events: [...all, ...errorsTo(all, 11, 0)],
});
