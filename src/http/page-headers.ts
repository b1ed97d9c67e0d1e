import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Restricts what a browser may do with our answers: run only our own scripts, talk only to us, be framed by nobody,
 * reach no camera. Text never becomes script: Trusted Types, and no policy that could make one. W3C CSP 3,
 * Trusted Types, Permissions Policy.
 */
export function pageHeaders(isHttps: boolean): RequestHandler {
  const common = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        // A player that feeds the element itself (`web/player/feed.ts`) does so through an address of the page's own.
        mediaSrc: ["'self'", 'blob:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
        formAction: ["'self'"],
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ["'none'"],
        upgradeInsecureRequests: isHttps ? [] : null,
      },
    },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: isHttps,
  });
  const permissions = [...unused.map((feature) => `${feature}=()`), ...own.map((feature) => `${feature}=(self)`)].join(
    ', ',
  );
  return (req, res, next) => {
    res.setHeader('Permissions-Policy', permissions);
    common(req, res, next);
  };
}

const unused = [
  ...['accelerometer', 'bluetooth', 'browsing-topics', 'camera', 'display-capture', 'geolocation', 'gyroscope', 'hid'],
  ...['magnetometer', 'microphone', 'midi', 'payment', 'screen-wake-lock', 'serial', 'usb', 'xr-spatial-tracking'],
];
const own = [
  'autoplay',
  'fullscreen',
  'picture-in-picture',
  'publickey-credentials-create',
  'publickey-credentials-get',
];
