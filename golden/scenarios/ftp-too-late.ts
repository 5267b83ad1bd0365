/** What was announced is expected for 300 seconds; said again, for 300 seconds from then on; and no longer than its master lives. */
import { ENDS, goingOn, helped, lines, opening, talk } from '../../properties/ftp.ts';
import { asks, scenario, tenantsInZones, wait } from '../../properties/words.ts';

const PORT = lines.PORT(ENDS.client, 1234);
const said = 'USER a\r\n'.length;

export default scenario({
  shows: 'What was announced is expected for 300 seconds; said again, for 300 seconds from then on; and no longer than its master lives.',
  network: helped(tenantsInZones(1, 2)),
  events: [
    ...talk(ENDS, ['client', 'USER a\r\n'], ['client', PORT]),
    wait(200),
    ...goingOn(ENDS, said + PORT.length, 0, ['client', PORT]),
    wait(299),
    ...opening(ENDS, 'server', 20, 1234),
    ...goingOn(ENDS, said + 2 * PORT.length, 0, ['client', PORT], ['server', '']),
    wait(300),
    ...opening(ENDS, 'server', 21, 1234),
    ...goingOn(ENDS, said + 3 * PORT.length, 0, ['client', PORT]),
    asks({ command: 'flush', zone: 1 }),
    ...opening(ENDS, 'server', 22, 1234),
  ],
});
