import { getUpload, listUploads } from '../../pipeline/intake/view-upload.ts';
import type { Outside } from '../../pipeline/ports.ts';
import type { Handlers } from '../mount.ts';
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
    beginUpload: ({ caller, params, req, res }) => handleTus(outside, caller, { req, res, lessonId: params.lessonId }),
    listUploads: async ({ signedIn }) => ({ items: await listUploads(outside, signedIn!.person.id) }),
    findUploadOffset: ({ caller, req, res }) => handleTus(outside, caller, { req, res }),
    getUpload: ({ params }) => getUpload(outside, params.uploadId),
    appendToUpload: ({ caller, req, res }) => handleTus(outside, caller, { req, res }),
    cancelUpload: ({ caller, req, res }) => handleTus(outside, caller, { req, res }),
  };
}
