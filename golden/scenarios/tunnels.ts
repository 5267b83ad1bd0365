/** Two networks with the same addresses talk to the same server at once, through tunnels in zones of their own, and each gets its own answers. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, from, icmp, interleave, scenario, tcp, tunnels, udp } from '../../properties/words.ts';

const server = { destination: '198.51.100.9' };
const asked = [1, 2].map((network) =>
  from(`tunl${network}`, udp({ payload: colouredPayload(network, 1, 8) }, server), tcp({ sequence: 1000 }, server), icmp({ payload: colouredPayload(network, 3, 8) }, server)),
);
const all = interleave(...asked);

export default scenario({
  shows: 'Two networks with the same addresses talk to the same server at once, through tunnels in zones of their own, and each gets its own answers.',
  network: tunnels(1, 2),
  events: [...all, ...answersTo(all)],
});
