import { z } from 'zod';
import { decisionKinds, grounds } from '../domain/decision.ts';
import { schoolRoles, scopes, staffRoles } from '../domain/ids.ts';
import { languageTags } from '../domain/language.ts';
import { recordingStates } from '../domain/lifecycle.ts';
import { audiences, capacities, permissionStatuses, purposes, routes } from '../domain/permission.ts';
import type { ReasonCode } from '../domain/reason.ts';

/** The values that requests and answers are made of. Times are RFC 3339 in UTC; `…Ms` are milliseconds. */
/** The reason that a rule of a schema refuses for; `http/parse.ts` reads it. */
export const because = (code: ReasonCode): string => code;

export const id = z.uuid().toLowerCase().meta({ description: 'Identifier' });
/** Text that a database and canonical JSON can hold: no NUL, no half of a surrogate pair. */
export const plain = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => value.isWellFormed() && !value.includes('\0'), because('NOT_TEXT'));
export const userId = plain(64).min(1);
export const instant = z.iso
  .datetime({ offset: true })
  .max(40)
  .transform((value) => new Date(value))
  .refine((value) => value.getUTCFullYear() >= 1900 && value.getUTCFullYear() < 2200, because('YEAR_OUT_OF_RANGE'));
export const text = (max: number) => plain(max).trim().min(1);
/** Values of a closed set. A value that is sent twice counts once. */
export const setOf = <T extends z.ZodEnum>(value: T) =>
  z
    .array(value)
    .max(value.options.length * 2)
    .overwrite((values) => [...new Set(values)]);
/** Values of a closed set in an address, with commas between. */
export const listOf = <const T extends readonly string[]>(values: T) =>
  z
    .string()
    .max(500)
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(values)).max(values.length * 2));
/** `true` or `false` in an address. */
export const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
/** Where the page before ended. */
export const cursor = plain(1_000).meta({ description: '`next` of the answer before' });
/** How long a page is. */
export const pageLimit = z.coerce.number().int().min(1).max(200);
/** Milliseconds from the beginning of a recording; 24 days at most. */
export const offsetMs = z.int().min(0).max(2_000_000_000);
/** A time in an answer. */
export const time = z
  .union([z.date(), z.string()])
  .transform((value) => (value instanceof Date ? value.toISOString() : value))
  .pipe(z.iso.datetime())
  .meta({ description: 'RFC 3339, UTC' });
export const maybeTime = time.nullable();

export const staffRole = z.enum(staffRoles);
export const schoolRole = z.enum(schoolRoles);
export const scope = z.enum(scopes);
export const purpose = z.enum(purposes);
export const audience = z.enum(audiences);
export const route = z.enum(routes);
export const capacity = z.enum(capacities);
export const permissionStatus = z.enum(permissionStatuses);
export const recordingState = z.enum(recordingStates);
export const decisionKind = z.enum(decisionKinds);
export const ground = z.enum(grounds);
const share = z.number().min(0).max(1);
export const region = z
  .object({ x: share, y: share, width: share, height: share })
  .meta({ id: 'Region', description: 'A part of the upright picture, as shares of its width and height' });
export const language = z.enum(languageTags);

export const reason = z
  .object({
    code: z.string(),
    params: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    subject: z.object({ kind: z.string(), id: z.string(), name: z.string().optional() }).optional(),
    text: z.string(),
  })
  .meta({ id: 'Reason', description: 'One exact reason, for a program (code, params) and for a reader (text)' });

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    code: z.string(),
    detail: z.string().optional(),
    reasons: z.array(reason),
    requestId: z.string(),
  })
  .meta({
    id: 'Problem',
    description: 'RFC 9457 problem details; title and detail in the language of Accept-Language',
  });
