import type { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import type { Access, Route } from './route.ts';
import { routes } from './routes.ts';
import { problem } from './values.ts';

/** OpenAPI 3.1, made from the same table that the server mounts. */
export function createOpenApi() {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const [id, route] of Object.entries(routes) as [string, Route][]) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: toOperation(id, route) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Emanet',
      version: '1',
      description:
        'Keeps recordings of school videoconference lessons. Every refusal is an RFC 9457 problem that says exactly why, in Turkish or English (Accept-Language).',
    },
    security: [{ token: [] }, { session: [] }],
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token from POST /api/tokens' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-emanet-session',
          description: 'The session cookie from POST /api/session',
        },
      },
    },
    paths: paths as ZodOpenApiPathsObject,
  });
}

function toOperation(id: string, route: Route): ZodOpenApiOperationObject {
  const content = route.answer
    ? { 'application/json': { schema: route.answer } }
    : route.answerType
      ? { [route.answerType]: { schema: route.line ?? { type: 'string' as const, format: 'binary' } } }
      : undefined;
  return {
    operationId: id,
    tags: [route.tag],
    summary: route.summary,
    description: describeAccess(route.access, route.scope),
    ...(route.access.to === 'everybody' ? { security: [] } : {}),
    requestParams: {
      ...(route.params ? { path: route.params } : {}),
      ...(route.query ? { query: route.query as z.ZodObject } : {}),
    },
    ...(route.body ? { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } } : {}),
    ...(route.rawType
      ? { requestBody: { content: { [route.rawType]: { schema: { type: 'string' as const, format: 'binary' } } } } }
      : {}),
    ...(route.form
      ? { requestBody: { required: true, content: { 'multipart/form-data': { schema: route.form } } } }
      : {}),
    responses: {
      [String(route.status)]: { description: 'Done', ...(content ? { content } : {}) },
      default: { description: 'Refused, with reasons', content: { 'application/problem+json': { schema: problem } } },
    },
  };
}

function describeAccess(access: Access, scope: string | null): string {
  const token = scope === null ? 'Not with an API token.' : `API tokens need the scope “${scope}”.`;
  if (access.to === 'everybody') return 'Open to everybody.';
  if (access.to === 'runner') return 'Runners only, with the secret that they registered for.';
  if (access.to === 'staff') return `Any member of staff. ${token}`;
  const roles = Object.entries(access.to).map(([role, relation]) =>
    relation === 'own' ? `${role} (own lessons)` : role,
  );
  return `Roles: ${roles.join(', ')}. ${token}`;
}
