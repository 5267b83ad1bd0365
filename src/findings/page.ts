/**
 * The ledger as pages: what was found, on which version of which engine, and how to see it.
 */
import { lanes } from '../report/lanes.ts';
import { fitting } from '../report/failure.ts';
import { markdownTable } from '../docs/table.ts';
import type { Finding, Versions } from '../gate/finding.ts';
import type { Remedy } from '../../properties/remedies.ts';
import { CRASH } from '../gate/verdict.ts';
import { renderTrace } from '../golden/index.ts';
import { LEDGER } from './read.ts';

const WIDTH = 100;

/** For a page at the root of the repository: each finding in a row. */
export const findingsTable = (findings: readonly Finding[]): string =>
  markdownTable(
    ['engine', 'what happens', 'reduced to', 'how to avoid it'],
    inOrder(findings).map(({ id, engine, versions, title, trace, story }) => [
      `${engine} ${versionsText(versions)}`,
      `[${title}](${LEDGER}/README.md#${id})`,
      eventsText(trace.events.length),
      story.avoid,
    ]),
  );

/** For the ledger's own page: the index, and then a section for each finding. */
export const ledgerText = (findings: readonly Finding[]): string =>
  [
    markdownTable(
      ['finding', 'engine', 'versions', 'law', 'reduced trace', 'pcapng', 'upstream', 'found'],
      inOrder(findings).map(({ id, engine, versions, breaks, trace, story }) => [
        `[${id}](#${id})`,
        engine,
        versionsText(versions),
        breaks.law,
        `[${eventsText(trace.events.length)}](${id}.trace.json)`,
        `[${id}.pcapng](${id}.pcapng)`,
        story.upstream,
        story.found,
      ]),
    ),
    ...inOrder(findings).map(sectionOf),
  ].join('\n\n');

/** What breaks most laws first. */
const inOrder = (findings: readonly Finding[]): readonly Finding[] => findings.toSorted((a, b) => b.recognise.laws.length - a.recognise.laws.length);

const sectionOf = ({ id, title, engine, breaks, recognise, trace, story }: Finding): string =>
  [
    `## ${id}`,
    `**${title}**`,
    ['```', ...fitting(lanes(trace, { width: WIDTH, marked: breaks.event })), '```'].join('\n'),
    ...story.text,
    [
      `- Replay: \`npx zoneproof replay ${LEDGER}/${id}.trace.json --subject ${engine}${breaks.law === CRASH.id ? '' : ` --law ${breaks.law}`}${breaks.terrain === 'apart' ? '' : ` --terrain ${breaks.terrain}`}\``,
      `- Recognised where ${recognise.laws.join(', ')} ${recognise.laws.length === 1 ? 'is' : 'are'} broken, and kept ${recognise.remedies.map(remedyText).join(', and ')}.`,
      `- To avoid it: ${story.avoid}.`,
      `- Upstream: ${story.upstream}.`,
      `- Found: ${story.found}.`,
    ].join('\n'),
  ].join('\n\n');

const remedyText = (remedy: Remedy): string => (typeof remedy === 'string' ? `with \`${remedy}\`` : `without \`${JSON.stringify(remedy.without)}\`${remedy.except ? ` (unless it is ${remedy.except.join(' or ')}, which plays such events of its own)` : ''}`);

const versionsText = ({ from, before }: Versions): string =>
  [...(from === undefined ? [] : [`from ${from}`]), ...(before === undefined ? [] : [`before ${before}`])].join(', ') || 'all';

const eventsText = (count: number): string => `${count} event${count === 1 ? '' : 's'}`;

/** The files that a finding's trace renders to, by their names. */
export const renderedFiles = ({ id, title, trace }: Finding): ReadonlyMap<string, string | Uint8Array> => {
  const { json, pcapng } = renderTrace(trace, id, title);
  return new Map<string, string | Uint8Array>([[`${id}.trace.json`, json], [`${id}.pcapng`, pcapng]]);
};
