import { Api } from './api.ts';
import { ok } from './school.ts';

/** A provider that provisions staff, with a token of its own. */
export async function scimClient(url: string, admin: Api): Promise<Api & { readonly tokenId: string }> {
  const { token, id } = ok(await admin.post('/api/scim-tokens', { name: 'provider' }));
  return Object.assign(new Api(`${url}/scim/v2`, { authorization: `Bearer ${token}` }), { tokenId: id as string });
}

export const patchOf = (...Operations: object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
});
