import { ask } from './api.js';
import { h } from './dom.js';
import { t } from './texts.js';

/** A player for staff. When it fails, the server is asked why, so that a refusal is told as one. */
export function mediaPlayer(address, box) {
  return h('video', {
    controls: true,
    preload: 'metadata',
    src: address,
    playsInline: true,
    on: {
      loadedmetadata: () => box.clear(),
      error: () =>
        ask('GET', address.replace(/\/(media|rendition)$/, '')).then(
          ({ state }) => box.show(Object.assign(new Error(t('mediaFailed')), { state })),
          box.show,
        ),
    },
  });
}
