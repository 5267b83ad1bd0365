/** Two networks send equal ICMPv6 node information queries, whose identifiers translation does not change: both answers reach the first. */
import { answersTo, from, icmp6, scenario, tunnels } from '../../properties/words.ts';

const server = { destination: '2001:db8:9::9' };
const asked = [1, 2].flatMap((network) => from(`tunl${network}`, icmp6({ type: 139 }, server)));

export default scenario({
  shows: 'Two networks send equal ICMPv6 node information queries, whose identifiers translation does not change: both answers reach the first.',
  network: tunnels(1, 2),
  events: [...asked, ...answersTo(asked)],
});
