import { importLine, importWorksFields, registerWorkFields } from '../../contract/work.ts';
import { Refusal } from '../../domain/errors.ts';
import { titleOf } from '../../domain/work-files.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import { importWorks, type ReceivedArchive, receiveArchive } from '../../pipeline/review/import-works.ts';
import { listWorks } from '../../pipeline/review/list-works.ts';
import { registerWork } from '../../pipeline/review/register-work.ts';
import { readWorkList } from '../../pipeline/review/work-list.ts';
import type { Handlers } from '../mount.ts';
import { parse } from '../parse.ts';
import { receiveForm } from '../receive-form.ts';
import { sendLines } from '../send-lines.ts';
import { tellIn } from '../tell.ts';

type Own = 'listWorks' | 'registerWork' | 'importWorks' | 'readWorkList';

export function workRoutes(outside: Outside): Pick<Handlers, Own> {
  return {
    listWorks: async () => ({ items: await listWorks(outside) }),
    async registerWork({ caller, req, res }) {
      let row: Awaited<ReturnType<typeof registerWork>> | undefined;
      await receiveForm(req, res, async ({ stream, fields, signal }) => {
        row = await registerWork(outside, caller, parse(registerWorkFields, fields), { bytes: stream, signal });
      });
      if (!row) throw new Refusal('NO_FILE');
      return row;
    },
    async importWorks({ caller, req, res, language }) {
      let received: ReceivedArchive | undefined;
      let common: object = {};
      try {
        await receiveForm(req, res, async ({ stream, fields, signal }) => {
          common = parse(importWorksFields, fields);
          received = await receiveArchive(outside, { bytes: stream, signal });
        });
        if (!received) throw new Refusal('NO_FILE');
        const archive = received;
        const describe = (file: string, said: object) =>
          parse(registerWorkFields, { title: titleOf(file), ...common, ...said });
        await sendLines(res, async function* (signal) {
          for await (const line of importWorks(outside, caller, archive, describe, signal))
            yield importLine.parse(line.kind === 'failed' ? tellIn(language).withReasons(line) : line);
          await archive.discard(); // before the answer ends
        });
      } finally {
        await received?.discard();
      }
    },
    readWorkList: async ({ body }) => ({ items: readWorkList(outside, body.text) }),
  };
}
