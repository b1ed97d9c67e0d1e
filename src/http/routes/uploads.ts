import { cancelUpload } from '../../pipeline/intake/cancel-upload.ts';
import { getUpload } from '../../pipeline/intake/get-upload.ts';
import { listUploads } from '../../pipeline/intake/list-uploads.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import type { Handlers } from '../mount.ts';
import { tellIn } from '../tell.ts';
import { handleTus } from '../tus/handle-tus.ts';

type Own =
  | 'describeUploads'
  | 'beginUpload'
  | 'listUploads'
  | 'findUploadOffset'
  | 'getUpload'
  | 'appendToUpload'
  | 'cancelUpload';

export function uploadRoutes(outside: Outside): Pick<Handlers, Own> {
  return {
    describeUploads: ({ caller, req, res }) => handleTus(outside, caller, { req, res }),
    beginUpload: ({ caller, params, req, res }) => handleTus(outside, caller, { req, res, ...params }),
    listUploads: async ({ signedIn, language }) => ({
      items: (await listUploads(outside, signedIn.person.id)).map(tellIn(language).withReasons),
    }),
    findUploadOffset: ({ caller, params, req, res }) => handleTus(outside, caller, { req, res, ...params }),
    getUpload: async ({ params, language }) => tellIn(language).withReasons(await getUpload(outside, params.uploadId)),
    appendToUpload: ({ caller, params, req, res }) => handleTus(outside, caller, { req, res, ...params }),
    // A plain DELETE works too: only its header tells that of tus apart.
    cancelUpload: ({ caller, params, req, res }) =>
      req.get('tus-resumable') === undefined
        ? cancelUpload(outside, caller, params.uploadId)
        : handleTus(outside, caller, { req, res, ...params }),
  };
}
