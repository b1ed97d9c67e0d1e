import { Counter, Gauge, type Registry } from 'prom-client';
import type { Id } from '../domain/ids.ts';
import { type FiguresOfSchool, measureSchools } from '../pipeline/oversight/measure-schools.ts';
import type { Outside } from '../pipeline/ports/outside.ts';

/** When the current keys of a school were made. */
export type DatesOfKeys = (school: Id) => Promise<readonly { readonly role: string; readonly createdAt: Date }[]>;

export const secondsSince1970 = (at: Date | null) => (at?.getTime() ?? 0) / 1000;

/** A look at the rows of all schools takes no more than a twentieth of the time, however often somebody reads. */
const restsFor = 20;
/** What takes no longer is looked at each time. */
const briefMs = 50;

/** Figures of every school, each under its id. */
export function gaugesOfSchools(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  registry: Registry,
  datesOfKeys: DatesOfKeys,
): void {
  let last: { readonly figures: Promise<FiguresOfSchool[]>; until: number } | null = null;
  const figures = (): Promise<FiguresOfSchool[]> => {
    if (last !== null && performance.now() < last.until) return last.figures;
    const begun = performance.now();
    const asked = { figures: measureSchools({ database }), until: Number.POSITIVE_INFINITY };
    last = asked;
    // One that failed is asked again.
    const end = (isKept: boolean) => {
      const tookMs = performance.now() - begun;
      asked.until = isKept && tookMs > briefMs ? performance.now() + restsFor * tookMs : 0;
    };
    asked.figures.then(
      () => end(true),
      () => end(false),
    );
    return asked.figures;
  };
  const gauge = (name: string, help: string, figureOf: (figures: FiguresOfSchool) => number) =>
    new Gauge({
      ...{ name, help, labelNames: ['school'], registers: [registry] },
      async collect() {
        this.reset();
        for (const one of await figures()) this.set({ school: one.school }, figureOf(one));
      },
    });
  const age = (since: Date | null) => (since === null ? 0 : Math.max(0, (clock().getTime() - since.getTime()) / 1000));
  new Gauge({
    name: 'emanet_recordings',
    help: 'Recordings by school and state',
    labelNames: ['school', 'state'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { school, recordings } of await figures())
        for (const { state, count } of recordings) this.set({ school, state }, count);
    },
  });
  new Gauge({
    name: 'emanet_key_age_seconds',
    help: 'Age of the current keys of a school by role, in seconds',
    labelNames: ['school', 'role'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { school } of await figures())
        for (const { role, createdAt } of await datesOfKeys(school)) this.set({ school, role }, age(createdAt));
    },
  });
  gauge('emanet_stored_bytes', 'Bytes of sealed objects, by school', ({ bytes }) => bytes);
  gauge(
    'emanet_log_unplaced_seconds',
    'Age of the oldest entry of a school’s log that no signed head covers, in seconds',
    ({ unsignedSince }) => age(unsignedSince),
  );
  gauge('emanet_scrub_failures', 'Sealed objects that are damaged or missing, by school', ({ faults }) => faults);
  gauge(
    'emanet_scrub_oldest_seconds',
    'Age of the least recently scrubbed object of a school, in seconds',
    ({ unreadSince }) => age(unreadSince),
  );
  new Counter({
    name: 'emanet_scrub_bytes_total',
    help: 'Bytes read and verified by the scrub, by school',
    labelNames: ['school'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { school, scrubbedBytes } of await figures()) this.inc({ school }, scrubbedBytes);
    },
  });
  gauge(
    'emanet_backup_made_timestamp_seconds',
    'When the newest backup of a school was made, in seconds since 1970; 0: never',
    ({ backupAt }) => secondsSince1970(backupAt),
  );
  gauge(
    'emanet_drill_passed_timestamp_seconds',
    'When a drill of a school passed last, in seconds since 1970; 0: never',
    ({ drillAt }) => secondsSince1970(drillAt),
  );
}
