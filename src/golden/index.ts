/** Golden files: scenarios rendered, checked, compared and read back. */
export { checkGolden, goldenText } from './check.ts';
export { readGoldenPcapng } from './read.ts';
export { renderTrace } from './render.ts';
export { replay } from './replay.ts';
export { changesText, diffGolden, updateGolden } from './update.ts';
