import type { z } from 'zod';
import type { RouteId, routes } from '../../contract/routes.ts';

type Sent<Id extends RouteId, Part extends string> =
  (typeof routes)[Id] extends Record<Part, infer S extends z.ZodType> ? z.input<S> : undefined;
type Given<Part extends string, T> = undefined extends T
  ? { readonly [P in Part]?: Exclude<T, undefined> }
  : Record<never, unknown> extends T
    ? { readonly [P in Part]?: T }
    : { readonly [P in Part]: T };

/** What a route takes: parameters of its path, its query and its body. */
export type Asked<Id extends RouteId> = Given<'params', Sent<Id, 'params'>> &
  Given<'query', Sent<Id, 'query'>> &
  Given<'body', Sent<Id, 'body'>>;

/** The body that a route takes. */
export type Body<Id extends RouteId> = Exclude<Sent<Id, 'body'>, undefined>;

/** What a route answers. */
export type Answer<Id extends RouteId> = (typeof routes)[Id] extends { answer: infer S extends z.ZodType }
  ? z.output<S>
  : null;

/** One item of what a route that lists things answers. */
export type Item<Id extends RouteId> = Answer<Id> extends { items: readonly (infer I)[] } ? I : never;

/** Routes that only look. */
export type LookId = {
  [Id in RouteId]: (typeof routes)[Id]['method'] extends 'get' ? Id : never;
}[RouteId];

export type { RouteId };
