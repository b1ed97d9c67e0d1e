import { spawn } from 'node:child_process';

/**
 * Runs a shell command if this process ends without calling the returned function: on Ctrl-C, by `kill -9`, by a fault.
 * A shell of its own session waits for the end of a pipe that only this process holds.
 */
export function stopWhenOrphaned(command: string, args: readonly string[]): () => void {
  const watch = spawn('bash', ['-c', `read -r; ${command}`, 'stop-when-orphaned', ...args], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watch.unref();
  return () => {
    watch.kill();
  };
}
