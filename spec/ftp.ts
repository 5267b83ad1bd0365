/**
 * FTP: what a line of a control connection announces, as Linux reads it.
 *
 *     PORT 10,0,0,1,4,210          the client listens on 10.0.0.1, port 4 * 256 + 210
 *     EPRT |2|fd00::1|1234|        the client listens on fd00::1, port 1234
 *     227 Here (10,0,0,9,4,210).   the server does, after PASV
 *     229 Here (|||1234|)          the server does, where it is, after EPSV
 *
 * Numbers are read until they are over, whatever they come to: they count in a circle.
 *
 * Source: RFC 959, RFC 1123 section 4.1.2.6, RFC 2428; nf_conntrack_ftp.c find_pattern() and what it calls. The way in
 * which 227 is read is that of Linux 3.4 and later, in all eras.
 */
import { type Address, type Bytes, lengthOf, numberAt } from './trace/packet.ts';
import { isIpv6, wordsOf } from './wire/address.ts';
import type { Direction } from './zone.ts';

/** What a line says: of nothing; of half a thing; that somebody listens, perhaps elsewhere than where it was said. */
export type Announcement = { readonly kind: 'nothing' | 'partial' | 'elsewhere' } | { readonly kind: 'here'; readonly port: number };

/** Reads data that begins where a line does. `sender` is who said it, without a realm. */
export const readAnnouncement = (data: Bytes, direction: Direction, sender: Address): Announcement => {
  const line = textOf(data);
  for (const { word, behind, read } of COMMANDS[direction]) {
    if (line.length <= word.length ? !startsWith(word, line) : !startsWith(line, word)) continue;
    const at = line.indexOf(behind, word.length);
    const end = line.length <= word.length || at < 0 ? undefined : read(line.slice(at + behind.length), isIpv6(sender));
    if (!end) return { kind: 'partial' };
    return isSame(end.words, sender) ? { kind: 'here', port: end.port } : { kind: 'elsewhere' };
  }
  return { kind: 'nothing' };
};

/** One character a byte. */
const textOf = (data: Bytes): string => Array.from({ length: lengthOf(data) }, (_, at) => String.fromCodePoint(numberAt(data, at, 1))).join('');

const startsWith = (text: string, start: string): boolean => text.slice(0, start.length).toLowerCase() === start.toLowerCase();

/** Words of an address, as many as were said, and a port. */
type End = { readonly words: readonly number[]; readonly port: number };

/** `behind` is what the numbers stand behind, the first after the word. */
type Command = { readonly word: string; readonly behind: string; readonly read: (text: string, ipv6: boolean) => End | undefined };

/** PORT over IPv6 says the first half of an address at most, and 227 likewise. */
const sixNumbers = (text: string, what: RegExp): End | undefined => {
  const numbers = what.exec(text)?.slice(1).map(numberIn);
  if (!numbers) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = numbers;
  return { words: twoWords(a, b, c, d), port: ((e << 8) | f) & 0xffff };
};

const twoWords = (a: number, b: number, c: number, d: number): readonly number[] => {
  const all = (a << 24) | (b << 16) | (c << 8) | d;
  return [all >>> 16, all & 0xffff];
};

/** 32 bits of it. */
const numberIn = (digits: string): number => Array.from(digits, Number).reduce((number, digit) => (number * 10 + digit) % 2 ** 32, 0);

const PORT = /^(\d*),(\d*),(\d*),(\d*),(\d*),(\d*)\r/;
/** Ends at whatever comes behind. */
const PASV = /^(\d*),(\d*),(\d*),(\d*),(\d*),(\d*)[^\d,]/s;

const afterPasv = (text: string): End | undefined => {
  const at = text.search(/\d/);
  return at < 0 ? undefined : sixNumbers(text.slice(at), PASV);
};

/** A character between numbers, printed and no digit. */
const isDelimiter = (character: string): boolean => /^[!-/:-~]$/.test(character);

const afterEprt = (text: string, ipv6: boolean): End | undefined => {
  const [delimiter = '', version = ''] = text;
  if (text.length <= 3 || !isDelimiter(delimiter) || text[2] !== delimiter || version !== (ipv6 ? '2' : '1')) return undefined;
  const said = ipv6 ? address6(text.slice(3), delimiter) : address4(text.slice(3), delimiter);
  const port = said && portIn(text.slice(3 + said.length + 1), delimiter);
  return port === undefined ? undefined : { words: said?.words ?? [], port };
};

/** An address without one: that of the sender. */
const afterEpsv = (text: string): End | undefined => {
  const [delimiter = ''] = text;
  if (text.length <= 3 || !isDelimiter(delimiter) || text[1] !== delimiter || text[2] !== delimiter) return undefined;
  const port = portIn(text.slice(3), delimiter);
  return port === undefined ? undefined : { words: [], port };
};

/** Up to a delimiter; 0 is none. */
const portIn = (text: string, delimiter: string): number | undefined => {
  const end = text.indexOf(delimiter);
  const digits = text.slice(0, Math.max(0, end));
  return /^\d*$/.test(digits) ? numberIn(digits) % 65_536 || undefined : undefined;
};

type Said = { readonly words: readonly number[]; readonly length: number };

/** A fourth dot would begin a fifth number. */
const address4 = (text: string, delimiter: string): Said | undefined => {
  const [all = '', ...numbers] = /^(\d*)\.(\d*)\.(\d*)\.(\d*)/.exec(text) ?? [];
  if (numbers.length < 4 || delimiter === '.' || text[all.length] !== delimiter) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = numbers.map(numberIn);
  return { words: twoWords(a, b, c, d), length: all.length };
};

/** A byte of zero ends it as well, and a colon behind dots. Two colons are a zero at least. Source: in6_pton(). */
const address6 = (text: string, delimiter: string): Said | undefined => {
  const length = Array.from(text).findIndex((character, at) => character === delimiter || character === '\0' || (character === ':' && text.slice(0, at).includes('.')));
  const said = text.slice(0, Math.max(0, length));
  const [before = '', after, more] = said.split('::');
  if (more !== undefined) return undefined;
  const [one, other] = [wordsIn(before, after === undefined), wordsIn(after ?? '', true)];
  if (!one || !other) return undefined;
  const zeros = 8 - one.length - other.length;
  if (after === undefined ? zeros !== 0 : zeros < 1) return undefined;
  return { words: [...one, ...Array.from({ length: zeros }, () => 0), ...other], length };
};

/** Words between colons; the last two may be written as an IPv4 address. */
const wordsIn = (text: string, isLast: boolean): readonly number[] | undefined => {
  if (text === '') return [];
  const words: number[] = [];
  for (const [index, part, parts] of text.split(':').map((each, place, all) => [place, each, all] as const)) {
    const octets = isLast && index === parts.length - 1 ? /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(part)?.slice(1).map(Number) : undefined;
    if (octets?.every((octet) => octet < 256)) words.push(...twoWords(octets[0] ?? 0, octets[1] ?? 0, octets[2] ?? 0, octets[3] ?? 0));
    else if (/^0*[\da-f]{1,4}$/i.test(part)) words.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return words;
};

/** Whether what was said of an address is said of this one. */
const isSame = (words: readonly number[], sender: Address): boolean => words.every((word, index) => word === wordsOf(sender)[index]);

const COMMANDS: Readonly<Record<Direction, readonly Command[]>> = {
  original: [
    { word: 'PORT', behind: ' ', read: (text) => sixNumbers(text, PORT) },
    { word: 'EPRT', behind: ' ', read: afterEprt },
  ],
  reply: [
    { word: '227 ', behind: '', read: afterPasv },
    { word: '229 ', behind: '(', read: afterEpsv },
  ],
};
