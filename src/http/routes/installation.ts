import type { installationRoutes as contract } from '../../contract/installation.ts';
import { listFirstSteps } from '../../pipeline/home/list-first-steps.ts';
import { getMail } from '../../pipeline/oversight/get-mail.ts';
import { measureStorage } from '../../pipeline/oversight/measure-storage.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import type { Handlers } from '../mount.ts';

export function installationRoutes(outside: Outside): Pick<Handlers, keyof typeof contract> {
  return {
    listSettings: async () => ({ items: [...outside.settings.inForce] }),
    getMail: () => getMail(outside),
    getStorage: () => measureStorage(outside),
    listFirstSteps: async () => ({ items: await listFirstSteps(outside) }),
  };
}
