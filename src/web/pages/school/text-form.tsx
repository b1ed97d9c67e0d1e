import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import type { Item } from '../../api/types.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { TextArea } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { useSay } from '../../parts/said.tsx';
import { text } from '../../words/current.ts';
import styles from './text-form.module.css';

/** A text that signers read, with what it looks like to them while it is written. */
export function TextForm({ shown }: { readonly shown: Item<'listTexts'> }) {
  const refresh = useRefresh();
  const say = useSay();
  const [written, setWritten] = useState(shown.text);
  const { kind, language, version, isOwn } = shown;
  const name = text(`text_${kind}`, { language: text(`language_${language}`) });
  return (
    // A draft that was kept is read from its field.
    <details onToggle={({ currentTarget }) => setWritten(currentTarget.querySelector('textarea')?.value ?? written)}>
      <summary>{name}</summary>
      <Form
        className={styles.pair}
        draft={`text-${kind}-${language}`}
        send={text('schoolTextSave')}
        tone="plain"
        onSend={async (values) => {
          await ask('setText', { body: { kind, language, text: values.text('text') } });
          say(text('saved'));
          await refresh();
        }}
      >
        <TextArea
          label={name}
          hint={isOwn ? text('schoolTextOwn', { version }) : text('schoolTextShipped', { version })}
          name="text"
          rows={16}
          lang={language}
          defaultValue={shown.text}
          onInput={({ currentTarget }) => setWritten(currentTarget.value)}
          required
          maxLength={20_000}
        />
        <section aria-label={text('schoolTextPreview')}>
          <p className="quiet">{text('schoolTextPreview')}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
          <div className={styles.preview} lang={language} tabIndex={0}>
            {written
              .trim()
              .split(/\n{2,}/)
              .map((paragraph, at) => (
                <p key={at}>{paragraph}</p>
              ))}
          </div>
        </section>
      </Form>
    </details>
  );
}
