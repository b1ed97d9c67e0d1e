import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { makeQueryClient } from '../api/use-ask.ts';
import { SureProvider } from '../parts/sure.tsx';
import { Doors } from './doors.tsx';
import { router } from './router.tsx';
import { setKept, usePerson } from './session.tsx';

const client = makeQueryClient();
setKept({ clear: () => client.clear(), refresh: () => client.invalidateQueries() });
/** The page that the address names, which is loaded while the answer who is signed in is on its way. */
export const pageLoaded = router.load();

/** Everything that somebody who is signed in sees; in a file of its own, so that signing in does not wait for it. */
export function App() {
  const { id } = usePerson();
  return (
    <QueryClientProvider client={client}>
      <SureProvider>
        <Doors>
          <RouterProvider router={router} key={id} />
        </Doors>
      </SureProvider>
    </QueryClientProvider>
  );
}
