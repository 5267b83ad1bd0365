/**
 * What a run leaves behind for each failure and canary: files to replay, to open and to read.
 */
import { accountOf } from '../../properties/account.ts';
import type { Profile } from '../../spec/profile.ts';
import type { Result } from '../gate/result.ts';
import type { Failure } from '../gate/task.ts';
import { renderTrace } from '../golden/index.ts';
import { traceText } from '../gate/trace-file.ts';
import { story } from './story.ts';

export type Artifact = { readonly name: string; readonly content: string | Uint8Array };

type Source = { readonly name: string; readonly content: () => string | Uint8Array };

const WIDTH = 120;

/** A failure's files by name; their content is made when it is asked for. */
export const artifactsOf = (failure: Failure, profile: Profile): readonly Source[] => {
  const { signature, trace, breach, law } = failure;
  const about = `Violates ${law}: at event ${breach.event} ${breach.what} is not as expected.`;
  const rendered = () => renderTrace(trace, signature, about);
  return [
    { name: `${signature}.trace.json`, content: () => rendered().json },
    { name: `${signature}.pcapng`, content: () => rendered().pcapng },
    { name: `${signature}.story.txt`, content: () => storyOf(failure, about, profile) },
  ];
};

const storyOf = ({ trace, breach }: Failure, about: string, profile: Profile): string => {
  const head = [about, `expected: ${breach.expected}`, `seen:     ${breach.seen}`, ''];
  const told = story(trace, accountOf(trace, profile), { width: WIDTH, marked: breach.event, sentences: true });
  return `${[...head, ...told].join('\n')}\n`;
};

/** Everything that a run leaves behind; equal names are equal content. */
export const artifacts = ({ failures, canaries, description }: Result): readonly Artifact[] => [
  ...failures.flatMap((failure) =>
    artifactsOf(failure, description.profile).map(({ name, content }) => ({ name, content: content() })),
  ),
  ...canaries.flatMap(({ law, canary, found }) =>
    found ? [{ name: `canary-${law}-${canary}.trace.json`.replaceAll(' ', '-'), content: traceText(found.trace) }] : [],
  ),
];
