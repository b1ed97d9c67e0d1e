import type { MusicModel } from './music.ts';
import weights from './music-model.json' with { type: 'json' };

/** The output of `npm run train:music` for the sources in `tests/eval/music-sources.json`. */
export const musicModel: MusicModel = weights;
