import { ask } from './api.js';
import { h } from './dom.js';
import { renditionPlayer } from './play.js';
import { t } from './texts.js';

/** A player of an original, for staff. When it fails, the server is asked why, so that a refusal is told as one. */
export function mediaPlayer(address, box) {
  return h('video', {
    controls: true,
    preload: 'metadata',
    src: address,
    playsInline: true,
    on: {
      loadedmetadata: () => box.clear(),
      error: () => sayWhy(address, box),
    },
  });
}

/** A player of a rendition, for staff, with its chapters. */
export function staffRendition(address, box) {
  const video = h('video', {
    controls: true,
    preload: 'metadata',
    playsInline: true,
    // Once stopped it has no source, which is an error too.
    on: { loadedmetadata: () => box.clear(), error: () => video.currentSrc && sayWhy(address, box) },
  });
  const player = renditionPlayer(video, {
    onFault: () => sayWhy(address, box),
    trackLabel: (number, language) => [t('subtitlesNumber', { n: number }), language].filter(Boolean).join(' '),
  });
  player.start(address);
  return [video, player.chapters];
}

function sayWhy(address, box) {
  return ask('GET', address.replace(/\/(media|rendition)$/, '')).then(
    ({ state }) => box.show(Object.assign(new Error(t('mediaFailed')), { state })),
    box.show,
  );
}
