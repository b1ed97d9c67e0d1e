/** Prints the current code of a demo account. `scripts/demo-code administrator` */
import { resolve } from 'node:path';
import { readIfThere } from '../src/config/secrets.ts';
import { type DemoAccount, demoAccountsFile } from '../src/demo/school.ts';
import { totpAt } from '../src/demo/totp.ts';

const [role] = process.argv.slice(2);
const home = resolve(import.meta.dirname, '..', process.env.EMANET_HOME || '.emanet');
const text = await readIfThere(demoAccountsFile(home));
const account = (JSON.parse(text ?? '[]') as DemoAccount[]).find((one) => one.role === role || one.email === role);
if (!account?.totpUri) {
  console.error(
    text
      ? 'usage: scripts/demo-code teacher|reviewer|administrator|auditor'
      : 'There are no demo accounts yet: run scripts/up first.',
  );
  process.exit(2);
}
console.log(totpAt(account.totpUri));
