/** A packet with another verification tag than its direction's is invalid, though ports and zone are right. */
import { answersTo, chunk, from, initiating, scenario, sctp, tenantsInZones } from '../../properties/words.ts';

const [INIT, ABORT, COOKIE_ECHO] = [1, 6, 10];
const CLIENT = 0x1001;
/** The tag that an answer to the INIT asks for is the complement of the INIT's own. */
const SERVER = 0xffffffff - CLIENT;
const opening = from('t1a', sctp(0, [chunk(INIT, initiating(CLIENT))]));
const echo = (tag: number) => from('t1a', sctp(tag, [chunk(COOKIE_ECHO, '00000000')]));
const T_BIT = 1;

export default scenario({
  shows: "A packet with another verification tag than its direction's is invalid, though ports and zone are right.",
  network: tenantsInZones(1),
  events: [
    ...opening,
    ...answersTo(opening),
    ...echo(0x4242),
    ...echo(SERVER),
    ...from('t1a', sctp(CLIENT, [chunk(ABORT)]), sctp(CLIENT, [chunk(ABORT, '', T_BIT)])),
  ],
});
