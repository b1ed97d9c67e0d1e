import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** What keeps somebody from seeing where the focus is; nothing where it is seen. */
export function focusFaults(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const one = document.activeElement;
    // A title that takes the focus by program is no control.
    if (one === null || one === document.body || one.tabIndex < 0) return [];
    const said = one.outerHTML.slice(0, 160);
    // A control that is only there for screen readers and keys shows its focus on its label.
    const shown = one.getBoundingClientRect().width > 2 ? one : (one.closest('label') ?? one);
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(shown);
    const faults = [];
    if ((outlineStyle === 'none' || outlineWidth === '0px') && boxShadow === 'none') faults.push('no focus is seen: ' + said);
    const { top, bottom, left, right } = shown.getBoundingClientRect();
    if (bottom <= 0 || right <= 0 || top >= innerHeight || left >= innerWidth) faults.push('the focus is out of sight: ' + said);
    return faults;
  })()`);
}

const hasFocus = (one: unknown) => (one as { matches(selector: string): boolean }).matches(':focus');

/** Steps after which somebody would give up looking for a control. */
const mostSteps = 150;

/** A person who has no mouse. Wherever the keys take the focus, it is seen. */
export class KeyboardHands {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Goes on with Tab until the focus is there. */
  async to(wanted: Locator): Promise<void> {
    await wanted.first().waitFor();
    for (let steps = 0; steps < mostSteps; steps++) {
      if (await wanted.first().evaluate(hasFocus)) return;
      await this.press('Tab');
    }
    throw new Error(`${wanted} was not reached in ${mostSteps} steps`);
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      await this.page.keyboard.press(key);
      expect(await focusFaults(this.page), `after ${key}`).toEqual([]);
    }
  }

  /** Goes there and presses Enter. */
  async enter(wanted: Locator): Promise<void> {
    await this.to(wanted);
    await this.page.keyboard.press('Enter');
  }

  /** Goes there and presses the space bar. */
  async tick(wanted: Locator): Promise<void> {
    await this.to(wanted);
    await this.page.keyboard.press('Space');
  }

  /** Goes there and types. */
  async type(wanted: Locator, words: string): Promise<void> {
    await this.to(wanted);
    await this.page.keyboard.type(words);
  }

  link = (name: string) => this.page.getByRole('link', { name, exact: true });
  button = (name: string) => this.page.getByRole('button', { name, exact: true });
}
