import ffmpeg from 'fluent-ffmpeg';

export interface CommandOutput {
  /** `pipe:N`. */
  readonly target: string;
  readonly options: readonly string[];
}

export interface CommandInput {
  readonly url: string;
  readonly options: readonly string[];
}

/**
 * The argument list of one ffmpeg run, written by fluent-ffmpeg.
 *
 * No other file uses fluent-ffmpeg, and this one uses it for nothing else. The library starts ffmpeg with the whole
 * environment of the server, without a process group, and asks the binary for its formats and codecs outside any limit;
 * untrusted media is decoded under limits that it cannot set, so `run.ts` starts the process. It is also archived
 * upstream: its replacement is a function from the same three values to a list of strings.
 */
export function ffmpegArguments(
  globalOptions: readonly string[],
  input: CommandInput | readonly CommandInput[],
  outputs: readonly CommandOutput[],
): string[] {
  const command = ffmpeg();
  // Several arguments, not one array: an array is split at spaces, and filters hold spaces.
  for (const { url, options } of [input].flat()) command.input(url).inputOptions(...(options as [string]));
  for (const output of outputs) command.output(output.target).outputOptions(...(output.options as [string]));
  return [...globalOptions, ...command._getArguments()];
}
