import type { Request, Response } from 'express';
import { uploadFields } from '../../contract/recording.ts';
import type { Language } from '../../domain/language.ts';
import { beginReceiving } from '../../pipeline/intake/receive-recording.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import { approveRecording } from '../../pipeline/release/approve-recording.ts';
import { createLink } from '../../pipeline/release/create-link.ts';
import { endRelease } from '../../pipeline/release/end-release.ts';
import { exportRecording } from '../../pipeline/release/export-recording.ts';
import { liftQuarantine } from '../../pipeline/release/lift-quarantine.ts';
import { listLinks } from '../../pipeline/release/list-links.ts';
import { openLink } from '../../pipeline/release/open-link.ts';
import { openOriginal } from '../../pipeline/release/open-original.ts';
import { openReleased } from '../../pipeline/release/open-released.ts';
import { openRendition } from '../../pipeline/release/open-rendition.ts';
import { releaseRecording } from '../../pipeline/release/release-recording.ts';
import { revokeLink } from '../../pipeline/release/revoke-link.ts';
import { requestCheck } from '../../pipeline/review/check-recording.ts';
import { clearRecording } from '../../pipeline/review/clear-recording.ts';
import { decideSegment } from '../../pipeline/review/decide-segment.ts';
import { declareSegment } from '../../pipeline/review/declare-segment.ts';
import { changeDetectionRules, getDetectionRules } from '../../pipeline/review/detection-rules.ts';
import { getRecording } from '../../pipeline/review/get-recording.ts';
import { listRecordings } from '../../pipeline/review/list-recordings.ts';
import { rejectRecording } from '../../pipeline/review/reject-recording.ts';
import { openSegmentPicture, openSegmentSound } from '../../pipeline/review/show-segment.ts';
import type { Handlers } from '../mount.ts';
import { parse } from '../parse.ts';
import { receiveForm } from '../receive-form.ts';
import { sendExport } from '../send-export.ts';
import { sendMedia } from '../send-media.ts';
import { outlineOf, sendPlaylist, sendSubtitles } from '../send-rendition.ts';
import { tellIn } from '../tell.ts';
import { WatchCookie } from '../watch-cookie.ts';

type Own =
  | 'uploadRecording'
  | 'listRecordings'
  | 'getRecording'
  | 'getOriginal'
  | 'exportRecording'
  | 'getRendition'
  | 'getRenditionPlaylist'
  | 'getRenditionOutline'
  | 'getRenditionSubtitles'
  | 'declareSegment'
  | 'checkAgain'
  | 'decideSegment'
  | 'getSegmentPicture'
  | 'getSegmentSpectrogram'
  | 'clearRecording'
  | 'rejectRecording'
  | 'approveRecording'
  | 'liftQuarantine'
  | 'releaseRecording'
  | 'endRelease'
  | 'listLinks'
  | 'createLink'
  | 'revokeLink'
  | 'openLink'
  | 'watch'
  | 'watchPlaylist'
  | 'watchOutline'
  | 'watchSubtitles'
  | 'getDetectionRules'
  | 'changeDetectionRules'
  | 'resetDetectionRules';

function untilClosed(res: Response): AbortSignal {
  const closed = new AbortController();
  res.once('close', () => closed.abort());
  return closed.signal;
}

/** Maximum size of a multipart form beyond its file. */
const formOverheadBytes = 64 * 1024;

export function recordingRoutes(outside: Outside, baseUrl: string): Pick<Handlers, Own> {
  const view = async (recordingId: string, language: Language) =>
    tellIn(language).recording(await getRecording(outside, recordingId));
  const watchCookie = new WatchCookie(baseUrl.startsWith('https:'));
  const watching = (address: string | undefined, linkId: string, req: Request) =>
    openReleased(outside, address, linkId, watchCookie.read(req, linkId));
  return {
    async uploadRecording({ caller, params, req, res, language }) {
      const contentLength = Number(req.get('content-length'));
      const receiving = await beginReceiving(outside, caller, {
        lessonId: params.lessonId,
        requestBytes: contentLength > formOverheadBytes ? contentLength - formOverheadBytes : undefined,
      });
      try {
        await receiveForm(req, res, async ({ stream, name, type, fields, signal }) => {
          const { bytes, sha256 } = parse(uploadFields, fields);
          await receiving.store({
            bytes: stream,
            name,
            declaredType: type,
            declaredBytes: bytes,
            declaredSha256: sha256,
            signal,
          });
        });
        await receiving.seal();
      } catch (error) {
        throw await receiving.abandon(error);
      }
      return view(receiving.recordingId, language);
    },
    async listRecordings({ query, relation, signedIn, language }) {
      const teacherId = relation === 'own' ? signedIn.person.id : null;
      return { items: (await listRecordings(outside, { ...query, teacherId })).map(tellIn(language).summary) };
    },
    getRecording: ({ params, language }) => view(params.recordingId, language),
    async getOriginal({ caller, params, req, res }) {
      await sendMedia(req, res, await openOriginal(outside, caller, params.recordingId));
    },
    async exportRecording({ caller, params, body, res }) {
      await sendExport(res, await exportRecording(outside, caller, params.recordingId, body));
    },
    async getRendition({ caller, params, req, res }) {
      await sendMedia(req, res, await openRendition(outside, caller, params.recordingId));
    },
    async getRenditionPlaylist({ caller, params, res }) {
      sendPlaylist(res, await openRendition(outside, caller, params.recordingId), '../rendition');
    },
    getRenditionOutline: async ({ caller, params }) =>
      outlineOf(await openRendition(outside, caller, params.recordingId)),
    async getRenditionSubtitles({ caller, params, req, res }) {
      await sendSubtitles(req, res, await openRendition(outside, caller, params.recordingId), params.track);
    },

    async declareSegment({ caller, params, body, language }) {
      await declareSegment(outside, caller, params.recordingId, body);
      return view(params.recordingId, language);
    },
    async checkAgain({ caller, params, language }) {
      await requestCheck(outside, caller, params.recordingId);
      return view(params.recordingId, language);
    },
    async decideSegment({ caller, params, body, language }) {
      return view(await decideSegment(outside, caller, params.segmentId, body), language);
    },
    async clearRecording({ caller, params, language }) {
      await clearRecording(outside, caller, params.recordingId);
      return view(params.recordingId, language);
    },
    async rejectRecording({ caller, params, body, language }) {
      await rejectRecording(outside, caller, params.recordingId, body.why);
      return view(params.recordingId, language);
    },
    async approveRecording({ caller, params, language }) {
      await approveRecording(outside, caller, params.recordingId);
      return view(params.recordingId, language);
    },
    async liftQuarantine({ caller, params, language }) {
      await liftQuarantine(outside, caller, params.recordingId);
      return view(params.recordingId, language);
    },

    releaseRecording: ({ caller, params, body }) => releaseRecording(outside, caller, params.recordingId, body),
    endRelease: ({ caller, params }) => endRelease(outside, caller, params.releaseId),
    listLinks: async ({ params }) => ({ items: await listLinks(outside, params.releaseId) }),
    async createLink({ caller, params, body }) {
      const link = await createLink(outside, caller, params.releaseId, body);
      return { ...link, url: `${baseUrl}/watch#${link.token}` };
    },
    revokeLink: ({ caller, params }) => revokeLink(outside, caller, params.linkId),
    async openLink({ body, res }) {
      const opened = await openLink(outside, body.token);
      res.append('Set-Cookie', watchCookie.write(opened.linkId, body.token));
      return opened;
    },
    async watch({ caller, params, req, res }) {
      await sendMedia(req, res, await watching(caller.address, params.linkId, req));
    },
    async watchPlaylist({ caller, params, req, res }) {
      sendPlaylist(res, await watching(caller.address, params.linkId, req), `../${params.linkId}`);
    },
    watchOutline: async ({ caller, params, req }) => outlineOf(await watching(caller.address, params.linkId, req)),
    async watchSubtitles({ caller, params, req, res }) {
      await sendSubtitles(req, res, await watching(caller.address, params.linkId, req), params.track);
    },

    async getSegmentPicture({ caller, params, res }) {
      res.type('image/jpeg').send(await openSegmentPicture(outside, caller, params.segmentId, untilClosed(res)));
    },
    async getSegmentSpectrogram({ caller, params, res }) {
      res.type('image/png').send(await openSegmentSound(outside, caller, params.segmentId, untilClosed(res)));
    },
    getDetectionRules: () => getDetectionRules(outside),
    changeDetectionRules: ({ caller, body }) => changeDetectionRules(outside, caller, body),
    resetDetectionRules: ({ caller }) => changeDetectionRules(outside, caller, null),
  };
}
