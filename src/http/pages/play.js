import { clock, h } from './dom.js';
import { loadScript } from './own-script.js';

/** hls.js, loaded with the first rendition; it leaves itself in `window.Hls`. */
let library = null;
const loadLibrary = () => {
  library ??= loadScript('/pages/vendor/hls.light.min.js').then(
    () => window.Hls,
    (error) => {
      library = null;
      throw error;
    },
  );
  return library;
};

/**
 * Plays renditions in a video element: by the playlist, so that any moment is a request away however long the lesson is.
 * hls.js does that where scripts may feed the element, the browser itself elsewhere (iPhones); what can do neither, and a
 * rendition that has no playlist, is played as one file. `onFault` hears what neither can get over.
 */
export function renditionPlayer(video, { onFault, trackLabel }) {
  const chapters = h('ol', { class: 'chapters', hidden: true });
  let hls = null;
  /** Answers that come after the player was given something else are of no interest. */
  let turn = 0;

  const stop = () => {
    turn += 1;
    hls?.destroy();
    hls = null;
    for (const track of video.querySelectorAll('track')) track.remove();
    chapters.replaceChildren();
    chapters.hidden = true;
    video.pause();
    video.removeAttribute('src');
    video.load();
  };

  /** Plays what is at `address` from `at` seconds on. */
  const start = async (address, at = 0) => {
    stop();
    const mine = turn;
    const asFile = () => {
      video.src = address;
      video.currentTime = at;
    };
    try {
      const answer = await fetch(`${address}/outline`, { cache: 'no-store' });
      if (mine !== turn) return;
      // Why it may not be played is asked of the media itself, as for any other fault.
      if (!answer.ok) return asFile();
      const outline = await answer.json();
      const Hls = outline.hasPlaylist ? await loadLibrary() : null;
      if (mine !== turn) return;
      offer(address, outline);
      if (Hls?.isSupported()) feed(Hls, address, at, asFile);
      else if (Hls && video.canPlayType('application/vnd.apple.mpegurl')) {
        video.src = `${address}/playlist.m3u8`;
        video.currentTime = at;
      } else asFile();
    } catch (error) {
      if (mine === turn) onFault(error);
    }
  };

  const feed = (Hls, address, at, asFile) => {
    // Without a worker: what there is to do is to pass fragments on, and a worker would need scripts from a blob.
    hls = new Hls({ enableWorker: false, startPosition: at, maxBufferLength: 30, maxMaxBufferLength: 60 });
    hls.on(Hls.Events.ERROR, (_, { fatal, type, error }) => {
      if (!fatal) return;
      hls.destroy();
      hls = null;
      if (type === Hls.ErrorTypes.NETWORK_ERROR) onFault(error);
      else asFile();
    });
    hls.loadSource(`${address}/playlist.m3u8`);
    hls.attachMedia(video);
  };

  const offer = (address, { chaptersMs, subtitles }) => {
    for (const { track, language } of subtitles)
      video.append(
        h('track', {
          kind: 'subtitles',
          src: `${address}/subtitles/${track}`,
          label: trackLabel(track + 1, language),
          ...(language ? { srclang: language } : {}),
        }),
      );
    if (chaptersMs.length < 2) return;
    chapters.append(
      ...chaptersMs.map((startMs) =>
        h(
          'li',
          {},
          h(
            'button',
            {
              type: 'button',
              class: 'small',
              on: {
                click: () => {
                  video.currentTime = startMs / 1000;
                },
              },
            },
            clock(startMs),
          ),
        ),
      ),
    );
    chapters.hidden = false;
  };

  return { start, stop, chapters };
}
