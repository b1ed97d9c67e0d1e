/**
 * Runs `stop` once on SIGTERM or SIGINT and exits; a second signal exits at once. Returns what asks for the same without a
 * signal, however often.
 */
export function onStopSignal(stop: () => Promise<void>): () => void {
  let isStopping = false;
  const begin = () => {
    if (isStopping) return;
    isStopping = true;
    stop().then(
      () => process.exit(0),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      begin();
    });
  return begin;
}
