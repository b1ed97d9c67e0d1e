import { z } from 'zod';
import type { Scope, StaffRole } from '../domain/ids.ts';
import type { LimitName } from '../domain/limits.ts';

/** `own`: only what belongs to a lesson of theirs; anything else is "not found". `any`: every object of the school. */
export type Relation = 'own' | 'any';

export type Access =
  | { readonly to: 'everybody' }
  /** A registered runner, by its own secret. */
  | { readonly to: 'runner' }
  /** Any member of staff, an authority too: what is about one's own account. `beforeSecondFactor`: also while a second factor that the roles ask for is still missing. */
  | { readonly to: 'staff'; readonly beforeSecondFactor?: true }
  | { readonly to: Readonly<Partial<Record<StaffRole, Relation>>> };

/** What belongs to a lesson. */
export const owned = [
  'lesson',
  'course',
  'recording',
  'upload',
  'permission',
  'segment',
  'release',
  'link',
  'scanPage',
] as const;
export type Owned = (typeof owned)[number];

export interface Route {
  readonly method: 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete' | 'options';
  /** Express path; `:name` parameters are described by `params`. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly access: Access;
  /**
   * What an API token needs for this route; null: not with a token. A token lies on a computer for months and has no
   * second factor: a route that takes media or papers out, decides, releases, erases or administers needs a person
   * (policy P9, P10).
   */
  readonly scope: Scope | null;
  /** Limit on how often it may be called (`domain/limits.ts`). */
  readonly limit?: LimitName;
  /** Cannot be undone, or opens the way to what cannot: the caller must have shown who they are in the last minutes. */
  readonly confirmed?: true;
  readonly params?: z.ZodObject;
  /**
   * What the parameter of that name (`lesson`: `lessonId`) names. It belongs to a lesson and through it to a teacher: with
   * `own` somebody else's is "not found", and what is not there is "not found" before anything else is said.
   */
  readonly owner?: Owned;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Maximum size of the JSON body, in octets. Default: 16 KiB for everybody, 64 KiB for staff (`http/mount.ts`). */
  readonly bodyBytes?: number;
  /** Maximum length of a list in the body. Default: 1,000 (`http/parse.ts`). */
  readonly mostItems?: number;
  /** The request is multipart/form-data of this shape; its file streams and is never parsed here. */
  readonly form?: z.ZodType;
  readonly status: number;
  readonly answer?: z.ZodType;
  /** The body is handled by the handler itself and never parsed here. */
  readonly rawType?: string;
  /** The answer is not JSON. */
  readonly answerType?: string;
  /** What each line of an `application/jsonl` answer is. */
  readonly line?: z.ZodType;
}

export const KiB = 1024;
export const MiB = 1024 * KiB;

export const runner = { to: 'runner' } as const;
export const everybody = { to: 'everybody' } as const;
export const anyStaff = { to: 'staff' } as const;
export const enrolling = { to: 'staff', beforeSecondFactor: true } as const;
/** Whoever works in the school: an authority does not. */
export const anyOfSchool = {
  to: { teacher: 'any', reviewer: 'any', administrator: 'any', auditor: 'any' },
} as const;
export const administrator = { to: { administrator: 'any' } } as const;
export const overseers = { to: { administrator: 'any', auditor: 'any' } } as const;
export const auditor = { to: { auditor: 'any' } } as const;
export const lessonReaders = { to: { teacher: 'own', reviewer: 'any', administrator: 'any' } } as const;
export const lessonKeepers = { to: { teacher: 'own', administrator: 'any' } } as const;
export const uploaders = { to: { teacher: 'own', administrator: 'any' } } as const;
export const reviewers = { to: { reviewer: 'any' } } as const;
export const renditionViewers = { to: { reviewer: 'any', administrator: 'any' } } as const;
/** Beside the items of a list: where the next page begins; null: this was the last. */
export const next = z.string().nullable();
export const list = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) });
