/**
 * What somebody has typed and not sent yet. It stays in this tab: it survives a reload and signing in again, and goes
 * when the tab is closed or somebody signs out. Passwords and files are never kept.
 */
const prefix = 'emanet-draft:';

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const controlsOf = (form: HTMLFormElement): Control[] =>
  [...form.elements].filter(
    (one): one is Control =>
      (one instanceof HTMLInputElement && !['password', 'file', 'hidden'].includes(one.type)) ||
      one instanceof HTMLSelectElement ||
      one instanceof HTMLTextAreaElement,
  );
const isTick = (one: Control): one is HTMLInputElement =>
  one instanceof HTMLInputElement && ['checkbox', 'radio'].includes(one.type);

export function keepDraft(name: string, form: HTMLFormElement): void {
  const kept = controlsOf(form).flatMap((one) =>
    one.name === '' ? [] : [[one.name, isTick(one) ? one.value : null, isTick(one) ? one.checked : one.value]],
  );
  sessionStorage.setItem(prefix + name, JSON.stringify(kept));
}

/** Puts what was kept back into the fields that are there. */
export function readDraft(name: string, form: HTMLFormElement): void {
  const kept = sessionStorage.getItem(prefix + name);
  if (kept === null) return;
  for (const [field, value, state] of JSON.parse(kept) as [string, string | null, string | boolean][]) {
    const control = controlsOf(form).find((one) => one.name === field && (value === null || one.value === value));
    if (control === undefined) continue;
    if (isTick(control)) control.checked = state === true;
    else control.value = String(state);
    control.dispatchEvent(new Event('change', { bubbles: true }));
  }
}

export const dropDraft = (name: string): void => sessionStorage.removeItem(prefix + name);

/** Somebody signs out: the next person at this device finds nothing of theirs, drafts or steps of a review. */
export const dropDrafts = (): void => sessionStorage.clear();
