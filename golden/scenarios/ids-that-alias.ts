/** Zone ids that are equal under a mask, a cut or a swap of bytes are still different zones. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, devicesOf, from, scenario, tenantsInZones, udp } from '../../properties/words.ts';

const zones = [1, 257, 256, 65535];
const asked = zones.flatMap((_, index) => from(devicesOf(index + 1)[0], udp({ payload: colouredPayload(index + 1, 1, 24) })));

export default scenario({
  shows: 'Zone ids that are equal under a mask, a cut or a swap of bytes are still different zones.',
  network: tenantsInZones(...zones),
  events: [...asked, ...answersTo(asked)],
});
