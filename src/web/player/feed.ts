import type Hls from 'hls.js/light';

/** What a player may offer of a rendition (contract: `Outline`). */
export interface Outline {
  readonly hasPlaylist: boolean;
  readonly durationMs: number | null;
  readonly chaptersMs: readonly number[];
  readonly subtitles: readonly {
    readonly track: number;
    readonly language: string | null;
    readonly label: string;
  }[];
}

interface Fed {
  readonly outline: Outline | null;
  stop(): void;
}

/**
 * Feeds a video element with the rendition at `address`: by the playlist, so that any moment is a request away however
 * long the lesson is. hls.js does that where scripts may feed the element, the browser itself elsewhere (iPhones); what
 * can do neither, and a rendition that has no playlist, is played as one file. `onFault` hears what nothing can get over.
 */
export async function feed(video: HTMLVideoElement, address: string, onFault: () => void): Promise<Fed> {
  const asFile = (): void => {
    video.src = address;
  };
  const answer = await fetch(`${address}/outline`, { cache: 'no-store' });
  if (!answer.ok) {
    // Why it may not be played is asked of the media itself, as for any other fault.
    asFile();
    return { outline: null, stop: () => clear(video) };
  }
  const outline = (await answer.json()) as Outline;
  let hls: Hls | null = null;
  if (outline.hasPlaylist) {
    const { default: Library } = await import('hls.js/light');
    const playlist = `${address}/playlist.m3u8`;
    if (Library.isSupported()) {
      // Without a worker: what there is to do is to pass fragments on, and a worker would need scripts from a blob.
      const made = new Library({ enableWorker: false, maxBufferLength: 30, maxMaxBufferLength: 60 });
      made.on(Library.Events.ERROR, (_, { fatal, type }) => {
        if (!fatal) return;
        made.destroy();
        hls = null;
        if (type === Library.ErrorTypes.NETWORK_ERROR) onFault();
        else asFile();
      });
      made.loadSource(playlist);
      made.attachMedia(video);
      hls = made;
    } else if (video.canPlayType('application/vnd.apple.mpegurl')) video.src = playlist;
    else asFile();
  } else asFile();
  return {
    outline,
    stop() {
      hls?.destroy();
      clear(video);
    },
  };
}

function clear(video: HTMLVideoElement): void {
  video.pause();
  video.removeAttribute('src');
  video.load();
}
