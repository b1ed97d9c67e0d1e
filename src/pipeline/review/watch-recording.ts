import { PartsSeen } from '../../detection/parts-seen.ts';
import { createPartFinder } from '../../detection/picture-parts.ts';
import { createSoundMapper, type SoundMap, type SoundMapper } from '../../detection/sound-map.ts';
import type { MediaWatcher } from '../ports.ts';

/** What was heard and seen in a recording, stream by stream. */
export interface Watched {
  readonly sounds: ReadonlyMap<number, SoundMap>;
  readonly pictures: ReadonlyMap<number, PartsSeen>;
}

/** Takes in what the decoding of a recording gives. `end` is called once, after it. */
export function watchRecording(): { readonly watcher: MediaWatcher; end(): Watched } {
  const mappers = new Map<number, SoundMapper>();
  const pictures = new Map<number, PartsSeen>();
  return {
    watcher: {
      sound(stream) {
        const mapper = createSoundMapper();
        mappers.set(stream, mapper);
        return mapper.push;
      },
      picture(stream) {
        const finder = createPartFinder();
        const seen = new PartsSeen();
        pictures.set(stream, seen);
        return (picture, atMs) => {
          seen.seePicture(atMs);
          for (const part of finder.push(picture).parts) seen.add(part);
        };
      },
    },
    end: () => ({ sounds: new Map([...mappers].map(([stream, mapper]) => [stream, mapper.end()])), pictures }),
  };
}
