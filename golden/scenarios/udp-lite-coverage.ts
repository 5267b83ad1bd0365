/** A UDP-Lite checksum is compulsory, and counts for the bytes that it covers. */
import { colouredPayload } from '../../properties/colours.ts';
import { answersTo, from, scenario, tenantsInZones, udpLite } from '../../properties/words.ts';

const payload = colouredPayload(1, 1, 24);
const header = from('t1a', udpLite({ coverage: 8, payload }));

export default scenario({
  shows: 'A UDP-Lite checksum is compulsory, and counts for the bytes that it covers.',
  network: tenantsInZones(1),
  events: [
    ...from('t1a', udpLite({ checksum: 'none', payload })),
    ...header,
    ...answersTo(header),
    ...from('t1a', udpLite({ payload }), udpLite({ coverage: 24, checksum: { wrong: 0x1234 }, payload })),
  ],
});
