/** What one tenant announces is new in another one's zone, and stays expected in its own; it is expected once. */
import { ENDS, helped, lines, opening, talk } from '../../properties/ftp.ts';
import { scenario, tenantsInZones } from '../../properties/words.ts';

export default scenario({
  shows: "What one tenant announces is new in another one's zone, and stays expected in its own; it is expected once.",
  network: helped(tenantsInZones(1, 2)),
  events: [
    ...talk(ENDS, ['client', 'USER a\r\n'], ['client', lines.PORT(ENDS.client, 1234)]),
    ...opening({ ...ENDS, tenant: 2 }, 'server', 20, 1234),
    ...opening(ENDS, 'server', 20, 1234),
    ...opening(ENDS, 'server', 21, 1234),
  ],
});
