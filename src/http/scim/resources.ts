import type { ScimGroupRow, ScimUserRow } from '../../pipeline/provisioning/scim-users.ts';

export const urn = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
  config: 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
  type: 'urn:ietf:params:scim:schemas:core:2.0:ResourceType',
  schema: 'urn:ietf:params:scim:schemas:core:2.0:Schema',
} as const;

/** Most resources of one answer. */
export const mostListed = 100;

const metaOf = (resourceType: string, location: string, row: { createdAt: Date; updatedAt: Date }) => ({
  resourceType,
  location,
  created: row.createdAt.toISOString(),
  lastModified: row.updatedAt.toISOString(),
});

export const toUser = (row: ScimUserRow, base: string) => ({
  schemas: [urn.user],
  id: row.userId,
  ...(row.externalId === null ? {} : { externalId: row.externalId }),
  userName: row.userName,
  displayName: row.user.name,
  name: { formatted: row.user.name },
  emails: [{ value: row.user.account.email, type: 'work', primary: true }],
  active: row.active,
  groups: row.memberships.map(({ group }) => ({ value: group.id, display: group.displayName })),
  meta: metaOf('User', `${base}/Users/${row.userId}`, row),
});

export const toGroup = (row: ScimGroupRow, base: string, { withMembers }: { readonly withMembers: boolean }) => ({
  schemas: [urn.group],
  id: row.id,
  ...(row.externalId === null ? {} : { externalId: row.externalId }),
  displayName: row.displayName,
  ...(withMembers ? { members: row.members.map(({ user }) => ({ value: user.userId, display: user.userName })) } : {}),
  meta: metaOf('Group', `${base}/Groups/${row.id}`, row),
});

export const toList = (resources: readonly object[], total: number, startIndex: number) => ({
  schemas: [urn.list],
  totalResults: total,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});

/** What this server can do (RFC 7643, 5). */
export const serviceProviderConfig = (base: string) => ({
  schemas: [urn.config],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: mostListed },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
  authenticationSchemes: [{ type: 'oauthbearertoken', name: 'Bearer', description: 'RFC 6750', primary: true }],
  meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
});

export const resourceTypes = (base: string) =>
  [
    ['User', 'Users', urn.user],
    ['Group', 'Groups', urn.group],
  ].map(([name, path, schema]) => ({
    schemas: [urn.type],
    id: name,
    name,
    endpoint: `/${path}`,
    schema,
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
  }));

interface Attribute {
  readonly name: string;
  readonly type?: 'string' | 'boolean' | 'complex' | 'reference';
  readonly required?: true;
  readonly multiValued?: true;
  readonly uniqueness?: 'server';
  readonly mutability?: 'readOnly';
  readonly subAttributes?: readonly Attribute[];
}

const attribute = ({ subAttributes, ...given }: Attribute): object => ({
  type: subAttributes === undefined ? 'string' : 'complex',
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...given,
  ...(subAttributes === undefined ? {} : { subAttributes: subAttributes.map(attribute) }),
});

const userAttributes: readonly Attribute[] = [
  { name: 'userName', required: true, uniqueness: 'server' },
  { name: 'displayName' },
  { name: 'name', subAttributes: [{ name: 'formatted' }, { name: 'givenName' }, { name: 'familyName' }] },
  {
    name: 'emails',
    multiValued: true,
    subAttributes: [{ name: 'value' }, { name: 'type' }, { name: 'primary', type: 'boolean' }],
  },
  { name: 'active', type: 'boolean' },
  {
    name: 'groups',
    multiValued: true,
    mutability: 'readOnly',
    subAttributes: [{ name: 'value' }, { name: 'display' }],
  },
];
const groupAttributes: readonly Attribute[] = [
  { name: 'displayName', required: true, uniqueness: 'server' },
  { name: 'members', multiValued: true, subAttributes: [{ name: 'value' }, { name: 'display' }] },
];

/** What Emanet keeps of users and groups (RFC 7643, 7). */
export const schemas = (base: string) =>
  (
    [
      ['User', urn.user, userAttributes],
      ['Group', urn.group, groupAttributes],
    ] as const
  ).map(([name, id, attributes]) => ({
    schemas: [urn.schema],
    id,
    name,
    attributes: attributes.map(attribute),
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
  }));
