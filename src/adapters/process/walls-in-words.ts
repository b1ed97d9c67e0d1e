/** What `findSandbox` found, as sentences for whoever reads the log: which walls stand, and what to do about one that does not. */
export function wallsInWords(means: readonly string[]): { readonly text: string; readonly isWhole: boolean } {
  const has = (name: string) => means.includes(name);
  const parts = [
    has('bwrap')
      ? 'Programs that open files of strangers see nothing of this machine but the programs in /usr and the file (bubblewrap).'
      : means.includes('no bwrap')
        ? 'NO WALLS: bubblewrap is not installed. Programs that open files of strangers see every file and process that this user sees.'
        : 'NO WALLS: this system does not let bubblewrap make them. Programs that open files of strangers see every file and process that this user sees. In a container it needs deploy/seccomp.json and systempaths=unconfined.',
    has('prlimit')
      ? 'Their time on the processor, memory and number of processes are limited, and they write no file (prlimit).'
      : 'NO LIMITS: prlimit is not installed. A file can use all of the processor and memory, and a program can write files.',
    has('nice') ? 'They let others go first (nice).' : 'They do not let others go first: nice is not installed.',
  ];
  return { text: parts.join(' '), isWhole: has('bwrap') && has('prlimit') };
}
