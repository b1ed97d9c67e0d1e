import { z } from 'zod';
import { outline, track } from './recording.ts';
import { everybody, type Route } from './route.ts';
import { id } from './values.ts';

export const openLink = z.object({ token: z.string().min(20).max(100) });
export const openedLink = z.object({ linkId: id }).meta({
  id: 'OpenedLink',
  description: 'The media is at /media/{linkId}, for whoever sends the cookie that came with this answer',
});
export const viewerParams = z.object({ linkId: id });
export const viewerTrackParams = viewerParams.extend({ track });

export const watchRoutes = {
  openLink: {
    method: 'post',
    path: '/api/watch',
    tag: 'Watch',
    summary: 'Open a personal link: a cookie takes its token, so that no address holds it',
    access: everybody,
    scope: null,
    limit: 'link',
    body: openLink,
    status: 200,
    answer: openedLink,
  },
  watch: {
    method: 'get',
    path: '/media/:linkId',
    tag: 'Watch',
    summary: 'The released media behind a personal link; ranges as in RFC 9110',
    access: everybody,
    scope: null,
    limit: 'link',
    params: viewerParams,
    status: 200,
    answerType: 'video/mp4',
  },
  watchPlaylist: {
    method: 'get',
    path: '/media/:linkId/playlist.m3u8',
    tag: 'Watch',
    summary: 'HLS playlist over the ranges of the released media',
    access: everybody,
    scope: null,
    limit: 'link',
    params: viewerParams,
    status: 200,
    answerType: 'application/vnd.apple.mpegurl',
  },
  watchOutline: {
    method: 'get',
    path: '/media/:linkId/outline',
    tag: 'Watch',
    summary: 'Chapters and subtitles of the released media',
    access: everybody,
    scope: null,
    limit: 'link',
    params: viewerParams,
    status: 200,
    answer: outline,
  },
  watchSubtitles: {
    method: 'get',
    path: '/media/:linkId/subtitles/:track',
    tag: 'Watch',
    summary: 'Subtitles of the released media, WebVTT',
    access: everybody,
    scope: null,
    limit: 'link',
    params: viewerTrackParams,
    status: 200,
    answerType: 'text/vtt',
  },
} as const satisfies Record<string, Route>;
