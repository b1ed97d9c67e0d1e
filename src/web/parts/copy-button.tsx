import { text as words } from '../words/current.ts';
import { ActionButton } from './button.tsx';
import { useSay } from './said.tsx';

export function CopyButton({ text }: { readonly text: string }) {
  const say = useSay();
  return (
    <ActionButton
      small
      onAct={async () => {
        await navigator.clipboard.writeText(text);
        say(words('copied'));
      }}
    >
      {words('copy')}
    </ActionButton>
  );
}
