/**
 * The ledger: every finding still shows on the engine and version that has it, and its files are what its trace renders to.
 */
import { readFileSync } from 'node:fs';
import { afterAll, expect, test, type TestContext } from 'vitest';
import { readLedger, LEDGER } from '../../src/findings/read.ts';
import { renderedFiles } from '../../src/findings/page.ts';
import { asInconclusive, messageOf } from '../../src/gate/errors.ts';
import type { Finding } from '../../src/gate/finding.ts';
import type { Kit } from '../../src/gate/kit.ts';
import { showsAgain } from '../../src/gate/known.ts';
import { openKit, SUBJECTS } from '../../src/gate/open.ts';

const findings = readLedger();

/** A kit for each engine that findings are about, or why there is none. */
const kits = new Map<string, Kit | string>(
  await Promise.all(
    [...new Set(findings.map(({ engine }) => engine))].map(async (engine) => {
      if (!SUBJECTS.some((name) => name === engine)) return [engine, `there is no subject ${engine}`] as const;
      try {
        return [engine, await openKit({ subject: engine, laws: [], seed: 1, terrain: 'apart', known: findings })] as const;
      } catch (error) {
        const missing = asInconclusive(error);
        if (!missing) throw error;
        return [engine, messageOf(missing)] as const;
      }
    }),
  ),
);
afterAll(async () => {
  for (const kit of kits.values()) if (typeof kit !== 'string') await kit.subject.close();
});

/** The engine's kit if the finding applies, or the test ends here as skipped with its reason. */
const kitOr = ({ id, engine }: Finding, skip: TestContext['skip']): Kit => {
  const kit = kits.get(engine) ?? 'it was not opened';
  if (typeof kit === 'string') return skip(`not checked: ${kit}`);
  return kit.known.some((finding) => finding.id === id) ? kit : skip(`not checked: ${kit.subject.version} is not among its versions`);
};

test.for(findings)('$id still shows', async (finding, { skip }) => {
  expect(await showsAgain(kitOr(finding, skip), finding.id)).toEqual({ finding: finding.id });
});

test.for(findings)('the files of $id are what its trace renders to: npm run docs', (finding) => {
  for (const [name, content] of renderedFiles(finding)) {
    expect(readFileSync(new URL(`../../${LEDGER}/${name}`, import.meta.url)).equals(Buffer.from(content)), name).toBe(true);
  }
});
