import { h } from './dom.js';

/** Scripts that a page adds by itself, by their addresses. */
const addresses = ['/pages/vendor/hls.light.min.js', '/pages/vendor/tus.min.js'];

/** Browsers with Trusted Types let no other address become a script (`http/page-headers.ts`). */
const trusted = window.trustedTypes?.createPolicy('emanet', {
  createScriptURL(address) {
    if (!addresses.includes(address)) throw new TypeError(`not a script of ours: ${address}`);
    return address;
  },
});

/** Loads one of them; rejects when it does not come. */
export function loadScript(address) {
  return new Promise((resolve, reject) => {
    const script = h('script', { src: trusted ? trusted.createScriptURL(address) : address });
    script.addEventListener('load', () => resolve());
    script.addEventListener('error', () => reject(new Error(`${address} did not load`)));
    document.head.append(script);
  });
}
