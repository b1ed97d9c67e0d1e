import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { type Upload, uploadQueue } from './upload-queue.ts';

export const useUploads = (): readonly Upload[] => useSyncExternalStore(uploadQueue.subscribe, uploadQueue.snapshot);

/** Asks for what is shown again when an upload has arrived or was refused. */
export function useRefreshOnArrival(uploads: readonly Upload[]): void {
  const client = useQueryClient();
  const ended = uploads.filter(({ state }) => state === 'done' || state === 'failed' || state === 'sealing').length;
  useEffect(() => {
    if (ended > 0) void client.invalidateQueries();
  }, [ended, client]);
}
