/**
 * The lists in the pages of this repository, made from code.
 *
 * A page marks the place of a list with `<!-- NAME -->` and `<!-- /NAME -->`; `npm run docs` fills it, and a test fails
 * as long as a page says otherwise.
 */
import { scenarios } from '../../golden/scenarios/index.ts';
import { laws } from '../../properties/laws/index.ts';
import { ERAS } from '../../spec/era.ts';
import { erasOf, type RuleId, ruleIds, rules } from '../../spec/rules.ts';
import { program } from '../cli/program.ts';
import { findingsTable, ledgerText } from '../findings/page.ts';
import { LEDGER, readLedger } from '../findings/read.ts';
import { markdownTable } from './table.ts';

/** The pages that have lists, from the root of the repository. */
export const PAGES = ['README.md', 'spec/README.md', 'spec/era.md', 'golden/README.md', `${LEDGER}/README.md`] as const;

const lists: Readonly<Record<string, () => string>> = {
  rules: () => markdownTable(['rule', 'what it says', 'source'], Object.entries(rules).map(([id, { sentence, source }]) => [`\`${id}\``, sentence, source])),
  eras: () => markdownTable(['rule', 'what it says', ...ERAS], ruleIds.filter((id) => erasOf(id).length < ERAS.length).map(eraRow)),
  laws: () => markdownTable(['law', 'what it says', 'canaries'], laws.map(({ id, sentence, canaries }) => [id, sentence, canaries.map((canary) => canary.id).join(', ')])),
  scenarios: () => Object.entries(scenarios).map(([name, trace]) => `- [${name}](scenarios/${name}.ts): ${trace.about ?? ''}`).join('\n'),
  findings: () => findingsTable(readLedger()),
  ledger: () => ledgerText(readLedger()),
  commands: () => markdownTable(['command', 'what it does'], program().commands.map((command) => [`\`zoneproof ${command.name()}\``, command.description()])),
};

const eraRow = (id: RuleId): readonly string[] => [`\`${id}\``, rules[id].sentence, ...ERAS.map((era) => (erasOf(id).includes(era) ? 'yes' : ''))];

/** A page with every list as it should be. Throws if a page marks a list that there is not, or leaves one open. */
export const withLists = (page: string): string =>
  page.replaceAll(/<!-- ([a-z]+) -->\n(?:[^]*?\n)??<!-- \/\1 -->/g, (_, name: string) => {
    const list = lists[name];
    if (!list) throw new RangeError(`docs: there is no list "${name}"; known: ${Object.keys(lists).join(', ')}`);
    return `<!-- ${name} -->\n${list()}\n<!-- /${name} -->`;
  });
