import type { Request, Response } from 'express';
import { uploadFields } from '../../contract/recording.ts';
import type { Relation } from '../../contract/route.ts';
import { mostCaptionsBytes } from '../../domain/captions/cue.ts';
import { isUnavailable } from '../../domain/errors.ts';
import type { Language } from '../../domain/language.ts';
import type { ArrivingCaptions } from '../../pipeline/captions/take-captions.ts';
import { takeWithUpload } from '../../pipeline/captions/take-with-upload.ts';
import { retryWhileAway } from '../../pipeline/core/retry-while-away.ts';
import { digestToken } from '../../pipeline/core/token.ts';
import { beginReceiving, inDoubt } from '../../pipeline/intake/receive-recording.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import { approveRecording } from '../../pipeline/release/approve-recording.ts';
import { createLink } from '../../pipeline/release/create-link.ts';
import { endRelease } from '../../pipeline/release/end-release.ts';
import { exportRecording } from '../../pipeline/release/export-recording.ts';
import { liftQuarantine } from '../../pipeline/release/lift-quarantine.ts';
import { listAllLinks } from '../../pipeline/release/list-all-links.ts';
import { listLinks } from '../../pipeline/release/list-links.ts';
import { openLink } from '../../pipeline/release/open-link.ts';
import { openOriginal } from '../../pipeline/release/open-original.ts';
import { openReleased } from '../../pipeline/release/open-released.ts';
import { openRendition } from '../../pipeline/release/open-rendition.ts';
import { releaseRecording } from '../../pipeline/release/release-recording.ts';
import { revokeLink } from '../../pipeline/release/revoke-link.ts';
import { revokeLinks, revokeOpenLinks } from '../../pipeline/release/revoke-links.ts';
import { requestCheck } from '../../pipeline/review/check-recording.ts';
import { clearRecording } from '../../pipeline/review/clear-recording.ts';
import { decideSegment } from '../../pipeline/review/decide-segment.ts';
import { declareSegment } from '../../pipeline/review/declare-segment.ts';
import { changeDetectionRules, getDetectionRules } from '../../pipeline/review/detection-rules.ts';
import { getRecording } from '../../pipeline/review/get-recording.ts';
import { listRecordings } from '../../pipeline/review/list-recordings.ts';
import { lookUpSegment } from '../../pipeline/review/look-up-segment.ts';
import { noteCoverage } from '../../pipeline/review/note-coverage.ts';
import { rejectRecording } from '../../pipeline/review/reject-recording.ts';
import { openThumbnails, openWaveform } from '../../pipeline/review/show-overview.ts';
import { openSegmentPicture, openSegmentSound } from '../../pipeline/review/show-segment.ts';
import { takeDecisionBack } from '../../pipeline/review/take-decision-back.ts';
import { cursorOf, momentOf } from '../cursor.ts';
import { idempotencyKey } from '../idempotency-key.ts';
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
  | 'takeDecisionBack'
  | 'putCoverage'
  | 'getWaveform'
  | 'getThumbnails'
  | 'getSegmentPicture'
  | 'getSegmentSpectrogram'
  | 'lookUpSegment'
  | 'clearRecording'
  | 'rejectRecording'
  | 'approveRecording'
  | 'liftQuarantine'
  | 'releaseRecording'
  | 'endRelease'
  | 'listLinks'
  | 'listAllLinks'
  | 'revokeLinks'
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

/** Maximum size of a multipart form beyond its recording. */
const formOverheadBytes = 64 * 1024 + mostCaptionsBytes;

/** The first octets of a stream that is read to its end: what is too large is refused later, when the recording is safe. */
async function keepFirst(stream: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of stream) {
    if (bytes < most) pieces.push(Uint8Array.from(piece));
    bytes += piece.length;
  }
  return Buffer.concat(pieces);
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export function recordingRoutes(outside: Outside, baseUrl: string): Pick<Handlers, Own> {
  const view = async (recordingId: string, language: Language, relation: Relation = 'any') =>
    tellIn(language).recording(await getRecording(outside, recordingId, { showsCoverage: relation === 'any' }));
  const watchCookie = new WatchCookie(baseUrl.startsWith('https:'));
  const watching = (address: string | undefined, linkId: string, req: Request) =>
    openReleased(outside, address, linkId, watchCookie.read(req, linkId));
  return {
    async uploadRecording({ caller, params, req, res, language, relation }) {
      const contentLength = Number(req.get('content-length'));
      const receiving = await beginReceiving(outside, caller, {
        lessonId: params.lessonId,
        requestBytes: contentLength > formOverheadBytes ? contentLength - formOverheadBytes : undefined,
        key: idempotencyKey(req),
      });
      const { recordingId } = receiving;
      res.setHeader('Location', `/api/uploads/${recordingId}`);
      if (receiving.isStored) return { ...(await view(recordingId, language, relation)), captionsRefused: null };
      let captions: ArrivingCaptions | undefined;
      try {
        await receiveForm(
          req,
          res,
          async ({ stream, name, type, fields, signal }) => {
            const { bytes, sha256 } = parse(uploadFields, fields);
            await receiving.store({
              bytes: stream,
              name,
              declaredType: type,
              declaredBytes: bytes,
              declaredSha256: sha256,
              signal,
            });
          },
          {
            async captions({ stream, fields }) {
              const kept = await keepFirst(stream, mostCaptionsBytes + 1);
              captions = { bytes: one(kept), language: parse(uploadFields, fields).captionsLanguage };
            },
          },
        );
        await receiving.seal();
      } catch (error) {
        throw await receiving.abandon(error);
      }
      // It is stored: whatever goes wrong from here on must not tell the sender that it is not.
      try {
        const refusal = captions === undefined ? null : await takeWithUpload(outside, caller, recordingId, captions);
        const captionsRefused = refusal && tellIn(language).refusal(refusal);
        const shown = await retryWhileAway(outside.settings.outageMs, () => view(recordingId, language, relation));
        return { ...shown, captionsRefused };
      } catch (error) {
        throw isUnavailable(error) ? inDoubt(recordingId, error) : error;
      }
    },
    async listRecordings({ query: { cursor, limit = 500, ...query }, relation, signedIn, language }) {
      const teacherId = relation === 'own' ? signedIn.person.id : null;
      const after = cursor === undefined ? undefined : momentOf(cursor);
      const { items, next } = await listRecordings(outside, { ...query, limit, after, teacherId });
      return { items: items.map(tellIn(language).summary), next: cursorOf(next) };
    },
    getRecording: ({ params, language, relation }) => view(params.recordingId, language, relation),
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
    getRenditionOutline: async ({ caller, params, language }) =>
      outlineOf(await openRendition(outside, caller, params.recordingId), language),
    async getRenditionSubtitles({ caller, params, req, res }) {
      await sendSubtitles(req, res, await openRendition(outside, caller, params.recordingId), params.track);
    },

    async declareSegment({ caller, params, body, language, relation }) {
      await declareSegment(outside, caller, params.recordingId, body);
      return view(params.recordingId, language, relation);
    },
    async checkAgain({ caller, params, language }) {
      await requestCheck(outside, caller, params.recordingId);
      return view(params.recordingId, language);
    },
    async decideSegment({ caller, params, body, language }) {
      return view(await decideSegment(outside, caller, params.segmentId, body), language);
    },
    async takeDecisionBack({ caller, params, language }) {
      return view(await takeDecisionBack(outside, caller, params.segmentId), language);
    },
    putCoverage: ({ caller, params, body }) => noteCoverage(outside, caller, params.recordingId, body.intervals),
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
    listAllLinks: ({ relation, signedIn, query: { cursor, ...query } }) =>
      listAllLinks(outside, {
        ...query,
        after: cursor,
        teacherId: relation === 'own' ? signedIn.person.id : undefined,
      }),
    async revokeLinks({ caller, relation, signedIn, body }) {
      const teacherId = relation === 'own' ? signedIn.person.id : undefined;
      return {
        revoked: await ('linkIds' in body
          ? revokeLinks(outside, caller, teacherId, body.linkIds)
          : revokeOpenLinks(outside, caller, teacherId)),
      };
    },
    async createLink({ caller, params, body }) {
      const link = await createLink(outside, caller, params.releaseId, body);
      return { ...link, url: `${baseUrl}/watch#${link.token}` };
    },
    revokeLink: ({ caller, params }) => revokeLink(outside, caller, params.linkId),
    async openLink({ body, res }) {
      const there = await outside.schools.ofSecret('viewer-link', digestToken(body.token));
      const opened = await openLink(there, body.token);
      res.append('Set-Cookie', watchCookie.write(opened.linkId, body.token));
      return opened;
    },
    async watch({ caller, params, req, res }) {
      await sendMedia(req, res, await watching(caller.address, params.linkId, req));
    },
    async watchPlaylist({ caller, params, req, res }) {
      sendPlaylist(res, await watching(caller.address, params.linkId, req), `../${params.linkId}`);
    },
    watchOutline: async ({ caller, params, req, language }) =>
      outlineOf(await watching(caller.address, params.linkId, req), language),
    async watchSubtitles({ caller, params, req, res }) {
      await sendSubtitles(req, res, await watching(caller.address, params.linkId, req), params.track);
    },

    async getSegmentPicture({ caller, params, res }) {
      res.type('image/jpeg').send(await openSegmentPicture(outside, caller, params.segmentId, untilClosed(res)));
    },
    async getSegmentSpectrogram({ caller, params, res }) {
      res.type('image/png').send(await openSegmentSound(outside, caller, params.segmentId, untilClosed(res)));
    },
    lookUpSegment: ({ caller, params, res }) => lookUpSegment(outside, caller, params.segmentId, untilClosed(res)),
    getWaveform: ({ caller, params, res }) => openWaveform(outside, caller, params.recordingId, untilClosed(res)),
    async getThumbnails({ caller, params, res }) {
      const { jpeg, stepMs, ...place } = await openThumbnails(outside, caller, params.recordingId, untilClosed(res));
      // A dictionary of RFC 9651.
      const told = Object.entries({ 'step-ms': stepMs, ...place }).map(([name, value]) => `${name}=${value}`);
      res.setHeader('Emanet-Thumbnails', told.join(', '));
      res.type('image/jpeg').send(jpeg);
    },
    getDetectionRules: () => getDetectionRules(outside),
    changeDetectionRules: ({ caller, body }) => changeDetectionRules(outside, caller, body),
    resetDetectionRules: ({ caller }) => changeDetectionRules(outside, caller, null),
  };
}
