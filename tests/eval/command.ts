/**
 * What a command was asked to do, or the exit code with which it ends at once: 0 after its help, 2 after a wrong use, which
 * is told with how it is used.
 */
export function readCommand<Values extends { readonly help?: boolean | undefined }>(
  usage: string,
  read: () => Values,
): Values | number {
  try {
    const values = read();
    if (!values.help) return values;
    process.stdout.write(usage);
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
}
