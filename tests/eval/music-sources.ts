import { readFile } from 'node:fs/promises';

/** Sounds of one Debian package. */
export interface Source {
  readonly package: string;
  readonly version: string;
  /** Which of its files, as a regular expression on the path. */
  readonly files: string;
  readonly licence: string;
  /** What is heard there, where the package's name does not say it. */
  readonly about?: string;
  /**
   * `adventure`: one file that holds many sounds; `zip`: the files lie in ZIP archives (needs `unzip`); `raw`: samples
   * without a header, 16 bits at 8 kHz.
   */
  readonly as?: 'adventure' | 'zip' | 'raw';
}
export const kinds = ['music', 'speech', 'noise'] as const;
export type Kind = (typeof kinds)[number];
export type Group = Readonly<Record<Kind, readonly Source[]>>;

/** `tests/eval/music-sources.json`. */
export interface MusicSources {
  readonly about: string;
  /** The model learns from these; figures of one group come from a model that learnt from the others. */
  readonly groups: Readonly<Record<string, Group>>;
  /** Never learnt from, and nothing is chosen on them. */
  readonly leftOut: Group;
}

export const readMusicSources = async (): Promise<MusicSources> =>
  JSON.parse(await readFile(new URL('music-sources.json', import.meta.url), 'utf8'));
