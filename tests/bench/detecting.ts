import { type DetectorRun, noticeRounds } from './detector.ts';
import type { Bench } from './measure.ts';
import { makeLecture, makeSound, rawPictures, rawSamples } from './media-files.ts';
import { inTurn, runDetector, speedRows } from './run-detector.ts';

const realTime = 'x real time';
const onOne = (run: DetectorRun) => () => runDetector(run, '0');
const decoding = 'plain ffmpeg -f null';

/** Each detector of sound by itself, on one processor. */
export const hearing: Bench = {
  about: 'sound map, Chromaprint and music, each by itself on one processor',
  async measure(given) {
    const options = { ...given, runs: Math.min(given.runs, 3) };
    const seconds = options.isQuick ? 60 : 900;
    const sound = await makeSound(options, seconds);
    const samples = await rawSamples(sound);
    const found = await inTurn(options, {
      plain: onOne({ name: decoding, path: sound }),
      chromaprint: onOne({ name: 'chromaprint', path: sound }),
      map: onOne({ name: 'sound map', path: samples }),
      music: onOne({ name: 'music', path: samples }),
    });
    const speed = { amount: seconds, unit: realTime, peer: { name: decoding, figures: found.plain } };
    return [
      ...speedRows('Chromaprint, with decoding', found.chromaprint, speed),
      ...speedRows('sound map', found.map, speed),
      ...speedRows('music, from the map’s levels', found.music, speed),
    ];
  },
};

/** Each detector of pictures and text by itself, on one processor. */
export const seeing: Bench = {
  about: 'parts of pictures, text in pictures, tags and subtitles, each by itself on one processor',
  async measure(given) {
    const options = { ...given, runs: Math.min(given.runs, 3) };
    const [seconds, pages] = options.isQuick ? [20, 1] : [120, 12];
    const small = { width: 320, height: 180 };
    const large = { width: 1280, height: 720 };
    const lecture = await makeLecture(options, seconds, false);
    const withFilm = await makeLecture(options, seconds, true);
    const [still, moving] = [await rawPictures(lecture, small, 4), await rawPictures(withFilm, small, 4)];
    const found = await inTurn(options, {
      plain: onOne({ name: decoding, path: lecture }),
      still: onOne({ name: 'pictures', path: still, size: small }),
      moving: onOne({ name: 'pictures', path: moving, size: small }),
      text: onOne({
        name: 'text reading',
        path: await rawPictures(lecture, large, pages / seconds, pages),
        size: large,
      }),
      notices: onOne({ name: 'tags and subtitles', path: lecture }),
    });
    const speed = { amount: seconds, unit: realTime, peer: { name: decoding, figures: found.plain } };
    return [
      ...speedRows('pictures of a lecture', found.still, speed),
      ...speedRows('pictures of a lecture with a film', found.moving, speed),
      ...speedRows('text, 1280 x 720', found.text, { amount: pages, unit: 'pictures/s' }),
      ...speedRows('tags and subtitles', found.notices, { amount: 3_600 * noticeRounds, unit: realTime }),
    ];
  },
};
