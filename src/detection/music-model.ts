import type { MusicModel } from './music.ts';
import weights from './music-model.json' with { type: 'json' };

/** What `npm run train:music` made of the sources that `tests/eval/music-sources.json` names. */
export const musicModel: MusicModel = weights;
