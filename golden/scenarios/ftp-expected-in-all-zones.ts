/** In the eras before directions what one tenant announced stood in the way of another one, whose control connection lost a segment by it. */
import { ENDS, helped, lines, opening, talk } from '../../properties/ftp.ts';
import { inEra, scenario, tenantsInZones } from '../../properties/words.ts';

const two = { ...ENDS, tenant: 2 };
const PORT = lines.PORT(ENDS.client, 1234);

export default scenario({
  shows: 'In the eras before directions what one tenant announced stood in the way of another one, whose control connection lost a segment by it.',
  network: inEra('linux-2010', helped(tenantsInZones(1, 2))),
  events: [
    ...talk(ENDS, ['client', 'USER a\r\n'], ['client', PORT]),
    ...talk(two, ['client', 'USER a\r\n'], ['client', PORT]),
    ...opening(two, 'server', 20, 1234),
    ...opening(ENDS, 'server', 20, 1234),
  ],
});
