import { parseArgs } from 'node:util';
import { orEnd } from '../assembly/or-end.ts';
import { setUp } from '../assembly/set-up.ts';
import { loadConfig } from '../config/env.ts';

const { values: options } = parseArgs({
  options: {
    school: { type: 'string' },
    rules: { type: 'string' },
    'admin-email': { type: 'string' },
    'admin-name': { type: 'string' },
    'reset-second-factor': { type: 'string' },
    'emergency-account': { type: 'boolean', default: false },
    authority: { type: 'string' },
    'authority-name': { type: 'string' },
    'end-authority': { type: 'string' },
    'another-school': { type: 'string' },
    in: { type: 'string' },
    'close-school': { type: 'string' },
    'reopen-school': { type: 'string' },
    'remove-school': { type: 'string' },
    schools: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (options.help)
  console.log(
    'npm run setup -- [--school NAME [--rules tr|uk]] [--admin-email ADDRESS --admin-name NAME] [--reset-second-factor ADDRESS]\n' +
      '  [--emergency-account] [--another-school NAME] [--in SCHOOL] [--close-school SCHOOL] [--reopen-school SCHOOL] [--remove-school SCHOOL]\n' +
      '  [--authority ADDRESS --authority-name NAME] [--end-authority ADDRESS] [--schools] [--dry-run]\n' +
      'Prepares secrets, keys and tables; makes the school, and invites its first administrator.\n' +
      '--rules: how sure the new school is to be of an answer, tr (default) or uk; `emanet school permission-rules` changes it.\n' +
      '--reset-second-factor: takes the second factors of an account away, where no two administrators can; on the log.\n' +
      '--emergency-account: makes the one account that signs in where LOCAL_SIGN_IN is off, and ends the one before; its password\n' +
      '  is shown once: write it on paper, and seal it in an envelope.\n' +
      '--authority: makes somebody an authority, who opens and closes schools on a page and sees figures of them: a member of the\n' +
      '  staff of the first school at once, anybody else by an invitation. --end-authority takes that away.\n' +
      '--another-school: opens a school beside the first one, with keys and a log of its own.\n' +
      '--in: the school, by its id, that --admin-email, --reset-second-factor and --emergency-account are for; without it the first one.\n' +
      '--close-school, --reopen-school: nobody signs in to a closed school; it is kept, and erases what is due.\n' +
      '--remove-school: removes what is left of a school that was taken out (emanet backup --take-out): rows, objects and keys.\n' +
      '--schools: lists the schools, with figures.\n' +
      '--dry-run: names the migrations that would be applied, and does nothing else.',
  );
else await orEnd(setUp(loadConfig(process.env), options, console.log));
// Idle timers of a library would hold the process for ten seconds more.
process.exit(0);
