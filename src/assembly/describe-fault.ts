/** The part of a fault that a log line may hold: its kind and stack, never the values of a query or a request. */
export function describeFault(error: unknown): {
  type: string;
  message: string;
  stack?: string | undefined;
  cause?: unknown;
} {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error' };
  const message = error.message.slice(error.message.lastIndexOf('\n') + 1).slice(0, 500);
  const stack = error.stack
    ?.split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 12)
    .join('\n');
  return {
    type: error.name,
    message,
    stack,
    ...(error.cause === undefined ? {} : { cause: describeFault(error.cause) }),
  };
}

/** For pino, whose own serializer would take what `describeFault` made for an error of the kind "Object". */
export const faultSerializers = {
  err: (fault: unknown) => (fault instanceof Error ? describeFault(fault) : fault),
};
