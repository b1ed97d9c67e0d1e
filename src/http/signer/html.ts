import { escapeHtml } from '../../language/escape-html.ts';

/** A piece of a page: text that is safe as it stands. */
export interface Html {
  readonly html: string;
}

type Part = Html | string | number | null | undefined | false | readonly Part[];

/**
 * A page as a template: whatever is put into it becomes text, unless it is a piece of a page itself. So no name and no
 * reason ever becomes markup.
 */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return { html: strings.reduce((page, string, at) => `${page}${toHtml(parts[at - 1])}${string}`) };
}

function toHtml(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part));
  return 'html' in part ? part.html : part.map(toHtml).join('');
}
