/**
 * The table of FTP's helper (every row measured on Linux): as what segments are tracked, and whether they leave.
 *
 * `n` new, `r` related, `e` established, `-` invalid; in capitals, dropped all the same.
 */
import { ENDS, ENDS6, type Ends, FTP_PORT, goingOn, helped, type Line, lines, open, opening, talk } from '../../properties/ftp.ts';
import { asks, carrying, from, inZone, iptables, late, nft, scenario, tcp, tenantsInZones, tenantsUnder, wait, withRules, type Word } from '../../properties/words.ts';
import type { Network } from '../../spec/trace/network.ts';
import type { Outcome } from '../../spec/trace/outcome.ts';
import type { Trace } from '../../spec/trace/trace.ts';
import { TCP } from '../../spec/trace/transport.ts';

export type FtpRow = {
  readonly row: string;
  readonly trace: Trace;
  /** For all events that are packets what `ftpSeen` says, but for the three that open the control connection. */
  readonly expected: string;
};

const row = (text: string, events: readonly Word[], expected: string, network: Network = tenantsInZones(1, 2)): FtpRow => ({
  row: text,
  trace: scenario({ shows: text, network: network.devices.some(({ helper }) => helper) ? network : helped(network), events }),
  expected,
});

const LETTERS = { new: 'n', related: 'r', established: 'e', invalid: '-', untracked: 'u' } as const;

export const ftpSeen = (outcomes: readonly Outcome[]): string =>
  outcomes
    .flatMap(({ passes: [pass], left }) => (pass ? [left.length === 0 ? LETTERS[pass.state].toUpperCase() : LETTERS[pass.state]] : []))
    .slice(3)
    .join('');

const HELLO: readonly Line[] = [['server', '220 hello\r\n'], ['client', 'USER a\r\n'], ['server', '331 who\r\n'], ['client', 'PASS b\r\n']];
const [BY_CLIENT, BY_SERVER] = ['USER a\r\nPASS b\r\n'.length, '220 hello\r\n331 who\r\n'.length];

/** A control connection in which a line is said when lines are known. */
const said = (ends: Ends, ...told: readonly Line[]): readonly Word[] => talk(ends, ...HELLO, ...told);

/** From the server to the port that the client named, and the other way round. */
const active = (ends: Ends, port = 1234): readonly Word[] => opening(ends, 'server', 20, port);
const passive = (ends: Ends, port = 1234): readonly Word[] => opening(ends, 'client', 3000, port);

/** What the client says before the server connects, and the other way round. */
const clientSays = (text: string, ends = ENDS): readonly Word[] => [...said(ends, ['client', text]), ...active(ends)];
const serverSays = (text: string, ends = ENDS): readonly Word[] => [...said(ends, ['server', text]), ...passive(ends)];

const client = (text: string, expected: string): FtpRow => row(JSON.stringify(text), clientSays(text), expected);
const server = (text: string, expected: string): FtpRow => row(JSON.stringify(text), serverSays(text), expected);
const client6 = (text: string, expected: string): FtpRow => row(`${JSON.stringify(text)} over IPv6`, clientSays(text, ENDS6), expected);
const server6 = (text: string, expected: string): FtpRow => row(`${JSON.stringify(text)} over IPv6`, serverSays(text, ENDS6), expected);

const PORT = lines.PORT(ENDS.client, 1234);
const PASV = lines.PASV(ENDS.server, 1234);

const spelling: readonly FtpRow[] = [
  client(PORT, 'eeeeer'),
  client(PORT.toLowerCase(), 'eeeeer'),
  client('PORT 10,0,0,1,4,210\n', 'eeeeEn'),
  client('PORT 10,0,0,1,4,210', 'eeeeEn'),
  client('PORT 10,0,0,1,4,210,\r\n', 'eeeeEn'),
  client('PORT 10,0,0,1,4\r\n', 'eeeeEn'),
  client('PORT 10,0,0,1,4,210 \r\n', 'eeeeEn'),
  client('PORT  10,0,0,1,4,210\r\n', 'eeeeEn'),
  client('PORTx 10,0,0,1,4,210\r\n', 'eeeeer'),
  client('PORT 010,00,0,1,,1234\r\n', 'eeeeer'),
  client('PORT 10,0,0,1,4,4294967506\r\n', 'eeeeer'),
  client('PORT 10,0,0,1,260,210\r\n', 'eeeeer'),
  client('PORT 10,0,256,1,4,210\r\n', 'eeeeen'),
  client('PORT 0,2560,0,1,4,210\r\n', 'eeeeer'),
  client('PORT 10,0,0,9,4,210\r\n', 'eeeeen'),
  client('PORT', 'eeeeEn'),
  client('po', 'eeeeEn'),
  client('PX', 'eeeeen'),
  client('PORT\r\n', 'eeeeEn'),
  client('NOOP\r\n', 'eeeeen'),
  client('NOOP\r\nPORT 10,0,0,1,4,210\r\n', 'eeeeen'),
  client('PORT 10,0,0,1,4,210\r\nNOOP\r\n', 'eeeeer'),
  client(PASV, 'eeeeen'),
  client(lines.EPRT(ENDS.client, 1234), 'eeeeer'),
  client('eprt |1|10.0.0.1|1234|', 'eeeeer'),
  client('EPRT !1!10.0.0.1!1234!x', 'eeeeer'),
  client('EPRT 11110.0.0.1112341', 'eeeeEn'),
  client('EPRT .1.10.0.0.1.1234.', 'eeeeEn'),
  client('EPRT ,1,10.0.0.1,1234,', 'eeeeer'),
  client('EPRT a1a10.0.0.1a1234a', 'eeeeer'),
  client('EPRT |1|10.0.0.1|66770|', 'eeeeer'),
  client('EPRT |1|10.0.0.1|0|', 'eeeeEn'),
  client('EPRT |1|10.0.0.1||', 'eeeeEn'),
  client('EPRT |1|10.0.0.1|65536|', 'eeeeEn'),
  client('EPRT |1|10.0.0.1|12x4|', 'eeeeEn'),
  client('EPRT |1|10.0.0.1|1234', 'eeeeEn'),
  client('EPRT |1|10.0.1|1234|', 'eeeeEn'),
  client('EPRT |1|10.0.0.9|1234|', 'eeeeen'),
  client('EPRT |2|fd00::1|1234|', 'eeeeEn'),
  client('EPRT ||', 'eeeeEn'),
  client('EPRT', 'eeeeEn'),
  server(PASV, 'eeeeer'),
  server('227 10,0,0,2,4,210\r\n', 'eeeeer'),
  server('227 one 10,0,0,2,4,210 ', 'eeeeer'),
  server('227 10,0,0,2,4,210', 'eeeeEn'),
  server('227 (10,0,0,2,4,210,)', 'eeeeEn'),
  server('227 1 10,0,0,2,4,210)', 'eeeeEn'),
  server('227 none\r\n', 'eeeeEn'),
  server('227 ', 'eeeeEn'),
  server('227-10,0,0,2,4,210\r\n', 'eeeeen'),
  server('22', 'eeeeEn'),
  server('226 \r\n', 'eeeeen'),
  server('227 (10,0,0,9,4,210)\r\n', 'eeeeen'),
  server(lines.EPSV('', 1234), 'eeeeer'),
  server('229 (|||1234|', 'eeeeer'),
  server('229 ((((1234(', 'eeeeer'),
  server('229 |||1234|\r\n', 'eeeeEn'),
  server('229 (||1234|)\r\n', 'eeeeEn'),
  server('229 (11111234|)\r\n', 'eeeeEn'),
  server('229 (|||01234|)\r\n', 'eeeeer'),
  server('229 (|||0|)\r\n', 'eeeeEn'),
  server('229 (||', 'eeeeEn'),
  server(PORT, 'eeeeen'),
  client6(lines.EPRT(ENDS6.client, 1234), 'eeeeer'),
  client6('EPRT |2|fd00:0:0:0:0:0:0:1|1234|', 'eeeeer'),
  client6('EPRT |2|FD00:0000:00000::0.0.0.1|1234|', 'eeeeer'),
  client6('EPRT |2|fd00:0:0:0:0:0::1|1234|', 'eeeeer'),
  client6('EPRT |2|fd00:0:0:0:0:0:0::1|1234|', 'eeeeEn'),
  client6('EPRT |2|fd00:0:0:0:0:0:0:0::1|1234|', 'eeeeEn'),
  client6('EPRT |2|fd00::1\u0000 |1234|', 'eeeeEn'),
  client6('EPRT |2|fd00::1\u00001234|', 'eeeeer'),
  client6('EPRT |2|fd00::|1234|', 'eeeeen'),
  client6('EPRT |2|::|1234|', 'eeeeen'),
  client6('EPRT |2||1234|', 'eeeeEn'),
  client6('EPRT |2|fd00:1|1234|', 'eeeeEn'),
  client6('EPRT |2|fd00::1::|1234|', 'eeeeEn'),
  client6('EPRT |2|fd00:::1|1234|', 'eeeeEn'),
  client6('EPRT |2|fd00::1:|1234|', 'eeeeEn'),
  client6('EPRT |2|:fd00::1|1234|', 'eeeeEn'),
  client6('EPRT |2|fd00::10000|1234|', 'eeeeEn'),
  client6('EPRT |2|fd00::0.0.1|1234|', 'eeeeEn'),
  client6('EPRT |2|fd00::0.0.0.256|1234|', 'eeeeEn'),
  client6('EPRT |2|fd00::0.0.0.001|1234|', 'eeeeer'),
  client6('EPRT |2|fd00::0.0.0.1:1|1234|', 'eeeeen'),
  client6('EPRT |2|fd00::0.0.0.1:1234|', 'eeeeer'),
  client6('EPRT |1|10.0.0.1|1234|', 'eeeeEn'),
  client6('PORT 10,0,0,1,4,210\r\n', 'eeeeen'),
  client6('PORT 253,0,0,0,4,210\r\n', 'eeeeer'),
  server6('227 (253,0,0,0,4,210)\r\n', 'eeeeer'),
  server6(lines.EPSV('', 1234), 'eeeeer'),
];

const half = PORT.slice(0, 9);
const rest = PORT.slice(9);

const where: readonly FtpRow[] = [
  row('the first that is said is no line', [...talk(ENDS, ['client', PORT]), ...active(ENDS)], 'en'),
  row('but the next one is', [...talk(ENDS, ['client', PORT], ['client', PORT]), ...active(ENDS)], 'eer'),
  row('behind half a line there is none', [...said(ENDS, ['client', 'NO'], ['client', PORT]), ...active(ENDS)], 'eeeeeen'),
  row('half is dropped, the other half no line, and all at once is read', [...said(ENDS, ['client', half], ['client', rest], ['client', PORT, PORT.length]), ...active(ENDS)], 'eeeeEeer'),
  row('a line is said again, at the same place', [...said(ENDS, ['client', PORT], ['client', PORT, PORT.length]), ...active(ENDS)], 'eeeeeer'),
  row('two ends of lines are known', [...said(ENDS, ['client', 'A\r\n'], ['client', PORT.replace('1234', '9'), 3]), ...active(ENDS)], 'eeeeeer'),
  row('three are not', [...said(ENDS, ['client', 'A\r\n'], ['client', 'A\r\n'], ['client', PORT, 6]), ...active(ENDS)], 'eeeeeeen'),
  row('the older one goes, even if it was known later', [...said(ENDS, ['client', 'A\r\n'], ['client', 'AB\r\n', 3], ['client', PORT, 4]), ...active(ENDS)], 'eeeeeeen'),
  row('each side has its own', [...talk(ENDS, ['server', '220 a\r\n'], ['client', PORT]), ...active(ENDS)], 'een'),
];

const alone = (flags: string, ttl = 64): readonly Word[] =>
  from('t1b', tcp({ sourcePort: 20, destinationPort: 1234, flags, sequence: 5 }, { source: ENDS.server, destination: ENDS.client, ttl }));
const other = (ends: Partial<Ends>): Ends => ({ ...ENDS, ...ends });
const again = (...told: readonly Line[]): readonly Word[] => goingOn(ENDS, BY_CLIENT, BY_SERVER, ...told);

const life: readonly FtpRow[] = [
  row('from any port', [...said(ENDS, ['client', PORT]), ...opening(ENDS, 'server', 7, 1234)], 'eeeeer'),
  row('to no other port', [...said(ENDS, ['client', PORT]), ...active(ENDS, 1235)], 'eeeeen'),
  row('from nobody else', [...said(ENDS, ['client', PORT]), ...active(other({ server: '10.0.0.3' }))], 'eeeeen'),
  row('to nobody else', [...said(ENDS, ['client', PORT]), ...active(other({ client: '10.0.0.3' }))], 'eeeeen'),
  row('once', [...said(ENDS, ['client', PORT]), ...active(ENDS), ...opening(ENDS, 'server', 21_000, 1234)], 'eeeeern'),
  row('related until a reply was seen', [...said(ENDS, ['client', PORT]), ...active(ENDS), ...open(ENDS, 'server', 20, 1234)], 'eeeeerree'),
  row('what nothing can begin uses it up', [...said(ENDS, ['client', PORT]), ...alone('R'), ...active(ENDS)], 'eeeee-n'),
  row('what is invalid by itself uses it up', [...said(ENDS, ['client', PORT]), ...alone('FS'), ...active(ENDS)], 'eeeee-n'),
  row('as do its first bytes', [...said(ENDS, ['client', PORT]), ...from('t1b', carrying(TCP, '001404d2', { source: ENDS.server, destination: ENDS.client })), ...active(ENDS)], 'eeeee-n'),
  row('what dies on its way uses it up', [...said(ENDS, ['client', PORT]), ...alone('S', 1), ...active(ENDS)], 'eeeeeRn'),
  row('not a second too late', [...said(ENDS, ['client', PORT]), wait(299), ...active(ENDS)], 'eeeeer'),
  row('after 300 seconds no more', [...said(ENDS, ['client', PORT], ['server', '']), wait(300), ...active(ENDS)], 'eeeeeen'),
  row('though its master lives', [...said(ENDS, ['client', PORT], ['server', '']), wait(300), ...again(['client', PORT])], 'eeeeeee'),
  row('said again it begins anew', [...said(ENDS, ['client', PORT]), wait(200), ...again(['client', PORT]), wait(200), ...active(ENDS)], 'eeeeeer'),
  row('twice aged', [...said(ENDS, ['client', PORT], ['server', '']), wait(200), wait(100), ...active(ENDS)], 'eeeeeen'),
  row('another one takes its place', [...said(ENDS, ['client', PORT], ['client', lines.PORT(ENDS.client, 99)]), ...active(ENDS), ...active(ENDS, 99)], 'eeeeeenr'),
  row('even of the other side', [...said(ENDS, ['client', PORT], ['server', PASV]), ...active(ENDS), ...passive(ENDS)], 'eeeeeenr'),
  row('it ends with its master', [...said(ENDS, ['client', PORT]), asks({ command: 'flush', zone: 1 }), ...active(ENDS)], 'eeeeen'),
  row('it does not end with a flush of another zone', [...said(ENDS, ['client', PORT]), asks({ command: 'flush', zone: 2 }), ...active(ENDS)], 'eeeeer'),
  row('one connection expects it, and no other of its zone', [...said(ENDS, ['client', PORT]), ...said(other({ port: 1001 }), ['client', PORT]), ...active(ENDS)], 'eeeeeneeeeeeEr'),
  row('of another zone, yes', [...said(ENDS, ['client', PORT]), ...said(other({ tenant: 2 }), ['client', PORT]), ...active(ENDS), ...active(other({ tenant: 2 }))], 'eeeeeneeeeeeerr'),
  row('not in another zone', [...said(ENDS, ['client', PORT]), ...active(other({ tenant: 2 })), ...active(ENDS)], 'eeeeenr'),
  row('an existing connection stays what it is', [...said(ENDS), ...active(ENDS), ...again(['client', PORT]), ...active(ENDS)], 'eeeenen'),
  row('only to the port that is helped', [...open(ENDS, 'client', 1000, 22), ...active(ENDS)], 'n'),
  row('not on a device without a helper', [...said(ENDS, ['client', PORT]), ...active(ENDS)], 'eeeeen', helped(tenantsInZones(1, 2), 't2a')),
  row('a data connection may be helped itself', [...said(ENDS, ['client', lines.PORT(ENDS.client, FTP_PORT)]), ...open(ENDS, 'server', 20, FTP_PORT), ...passive(ENDS)], 'eeeeereen'),
];

const ownZones: readonly FtpRow[] = [
  row('zones of iptables', clientSays(PORT), 'eeeeer', tenantsUnder(iptables(inZone(1)), iptables(inZone(2)))),
  row('zones of iptables, and once', [...clientSays(PORT), ...opening(ENDS, 'server', 21_000, 1234)], 'eeeeern', tenantsUnder(iptables(inZone(1)), iptables(inZone(2)))),
  row('no zone, and once', [...clientSays(PORT), ...opening(ENDS, 'server', 21_000, 1234)], 'eeeeern', tenantsInZones(undefined, 2)),
  row('zones assigned late', clientSays(PORT), 'eeeeer', tenantsUnder(late(nft(inZone(1))), late(nft(inZone(2))))),
];

/** The client is in zone 5 of the original direction, its server in none; and there is somebody else, in a zone with that id or without. */
const beside = (...others: Parameters<typeof inZone>): Network =>
  withRules(tenantsUnder([], []), (tenant, device) => (tenant === 2 ? nft(inZone(...others)) : device === 't1a' ? nft(inZone(5, 'original')) : []));
const elsewhere = other({ tenant: 2 });

const directions: readonly FtpRow[] = [
  row('original zone 5: the server is in zone 0, and that is another id', clientSays(PORT), 'eeeeen', beside(0)),
  row('original zone 5: the client itself connects in it', serverSays(PASV), 'eeeeer', beside(0)),
  row('original zone 5 and zone 5 have one id', [...said(ENDS, ['client', PORT]), ...active(elsewhere)], 'eeeeer', beside(5)),
  row('original zone 5 and reply zone 5 have one id', [...said(ENDS, ['client', PORT]), ...active(elsewhere)], 'eeeeer', beside(5, 'reply')),
  row('original zone 5 and original zone 6 have not', [...said(ENDS, ['client', PORT]), ...active(elsewhere)], 'eeeeen', beside(6, 'original')),
  row('what is expected in original zone 5 is in the way in zone 5', [...said(ENDS, ['client', PORT]), ...said({ ...elsewhere, port: 1001 }, ['client', PORT])], 'eeeeeneeeeeeE', beside(5)),
];

export const ftpRows: readonly FtpRow[] = [...spelling, ...where, ...life, ...ownZones, ...directions];
