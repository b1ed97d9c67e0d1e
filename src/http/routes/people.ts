import { rosterFields } from '../../contract/person.ts';
import { Refusal } from '../../domain/errors.ts';
import { mostRosterBytes } from '../../domain/roster.ts';
import { assertNotTooLarge } from '../../pipeline/core/sealed-object.ts';
import { addGuardianship } from '../../pipeline/people/add-guardianship.ts';
import { changeMembership } from '../../pipeline/people/change-membership.ts';
import { changePerson } from '../../pipeline/people/change-person.ts';
import { createPerson } from '../../pipeline/people/create-person.ts';
import { decideGuardianship } from '../../pipeline/people/decide-guardianship.ts';
import { erasePerson } from '../../pipeline/people/erase-person.ts';
import { exportPerson } from '../../pipeline/people/export-person.ts';
import { finishTask } from '../../pipeline/people/finish-task.ts';
import { getPerson } from '../../pipeline/people/get-person.ts';
import { getPersonErasure } from '../../pipeline/people/get-person-erasure.ts';
import { importRoster, type RosterToImport } from '../../pipeline/people/import-roster.ts';
import { listClasses } from '../../pipeline/people/list-classes.ts';
import { listPersons } from '../../pipeline/people/list-persons.ts';
import { listTasks } from '../../pipeline/people/list-tasks.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import { revokeSignerLink } from '../../pipeline/signing/revoke-link.ts';
import { cursorOf, placeOf } from '../cursor.ts';
import type { Handlers } from '../mount.ts';
import { parse } from '../parse.ts';
import { receiveForm } from '../receive-form.ts';
import { tellIn } from '../tell.ts';

type Own =
  | 'importRoster'
  | 'listPersons'
  | 'createPerson'
  | 'getPerson'
  | 'addGuardianship'
  | 'joinClass'
  | 'leaveClass'
  | 'changePerson'
  | 'revokeSignerLink'
  | 'exportPerson'
  | 'getPersonErasure'
  | 'erasePerson'
  | 'decideGuardianship'
  | 'listClasses'
  | 'listTasks'
  | 'finishTask';

export function peopleRoutes(outside: Outside): Pick<Handlers, Own> {
  return {
    async importRoster({ caller, req, res, language }) {
      let input: RosterToImport | undefined;
      await receiveForm(req, res, async ({ stream, name, fields }) => {
        const pieces: Uint8Array[] = [];
        let bytes = 0;
        for await (const piece of stream) {
          bytes += piece.length;
          assertNotTooLarge(mostRosterBytes, bytes);
          pieces.push(piece);
        }
        input = { ...parse(rosterFields, fields), name, bytes: Buffer.concat(pieces) };
      });
      if (!input) throw new Refusal('NO_FILE');
      const outcome = await importRoster(outside, caller, input);
      if (outcome.outcome === 'mapping') {
        const { headings, suggested, sample } = outcome.table;
        return {
          outcome: 'mapping',
          table: {
            headings: [...headings],
            suggested,
            sample: sample.map((row) => [...row]),
            meanings: tellIn(language).columnMeanings,
          },
        };
      }
      return { ...outcome, review: tellIn(language).review(outcome.review) };
    },
    async listPersons({ query: { cursor, ...query } }) {
      const { items, next } = await listPersons(outside, {
        ...query,
        after: cursor === undefined ? undefined : placeOf(cursor),
      });
      return { items, next: cursorOf(next) };
    },
    createPerson: ({ caller, body }) => createPerson(outside, caller, body),
    getPerson: ({ caller, params }) => getPerson(outside, caller, params.personId),
    changePerson: ({ caller, params, body }) => changePerson(outside, caller, params.personId, body),
    revokeSignerLink: ({ caller, params }) => revokeSignerLink(outside, caller, params.personId),
    async exportPerson({ caller, params, res, language }) {
      const file = await exportPerson(outside, caller, params.personId);
      res.setHeader('Content-Disposition', `attachment; filename="emanet-person-${params.personId}.json"`);
      return tellIn(language).personFile(file);
    },
    getPersonErasure: async ({ params, language }) =>
      tellIn(language).personErasure(await getPersonErasure(outside, params.personId)),
    erasePerson: async ({ caller, params, body, language }) =>
      tellIn(language).personErasure(await erasePerson(outside, caller, params.personId, body)),
    addGuardianship: ({ caller, params, body }) => addGuardianship(outside, caller, params.personId, body),
    joinClass: ({ caller, params }) => changeMembership(outside, caller, params.personId, params.classId, true),
    leaveClass: ({ caller, params }) => changeMembership(outside, caller, params.personId, params.classId, false),
    decideGuardianship: ({ caller, params, body }) => decideGuardianship(outside, caller, params.guardianshipId, body),
    listClasses: async () => ({ items: await listClasses(outside) }),
    listTasks: async () => ({ items: await listTasks(outside) }),
    finishTask: ({ caller, params }) => finishTask(outside, caller, params.taskId),
  };
}
