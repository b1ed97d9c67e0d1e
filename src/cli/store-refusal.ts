/** The error name with which an S3 server refuses a request: no such bucket, wrong keys. Null: another fault. */
export function storeRefusalOf(error: unknown): string | null {
  if (!(error instanceof Error && '$metadata' in error)) return null;
  const { httpStatusCode = 0 } = error.$metadata as { httpStatusCode?: number };
  return httpStatusCode >= 400 && httpStatusCode < 500 ? error.name : null;
}
