/** Two ends close a TCP connection, each its own direction, and after TIME_WAIT it is gone in its zone only. */
import { endsOf, handshake, interleave, scenario, tenantsInZones, wait } from '../../properties/words.ts';

const [one, two] = [endsOf(1), endsOf(2)];
const close = ({ client, server }: typeof one) => [
  ...client('FA', 1001, 5001),
  ...server('A', 5001, 1002),
  ...server('FA', 5001, 1002),
  ...client('A', 1002, 5002),
];

export default scenario({
  shows: 'Two ends close a TCP connection, each its own direction, and after TIME_WAIT it is gone in its zone only.',
  network: tenantsInZones(1, 2),
  events: [
    ...interleave(handshake(one), handshake(two)),
    ...close(one),
    wait(120),
    ...one.client('A', 1002, 5002),
    ...two.client('A', 1001, 5001),
    ...close(two),
  ],
});
