/** How long a browser may take to begin with a download, in milliseconds. */
const patienceMs = 60_000;

/** Saves what was answered as a file of this name. */
export function download(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), patienceMs);
}
