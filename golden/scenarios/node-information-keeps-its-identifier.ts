/** Two networks send equal ICMPv6 node information queries, whose identifiers translation does not change: both answers reach the first. */
import { from, icmp6, scenario, tunnels } from '../../properties/words.ts';

const [SERVER, ALL] = ['2001:db8:9::9', '2001:db8::1'] as const;
/** NOOP, without flags, and a nonce (RFC 4620 section 4). */
const about = { identifier: 0, sequence: 0, payload: '0011223344556677' } as const;
const asked = (network: number) => from(`tunl${network}`, icmp6({ type: 139, ...about }, { destination: SERVER }));
const answer = from('eth0', icmp6({ type: 140, ...about }, { source: SERVER, destination: ALL }));

export default scenario({
  shows: 'Two networks send equal ICMPv6 node information queries, whose identifiers translation does not change: both answers reach the first.',
  network: tunnels(1, 2),
  events: [...asked(1), ...asked(2), ...answer, ...answer],
});
